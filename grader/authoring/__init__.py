"""What an author does with an assignment before anybody is graded: begin one, hand it out, look at it."""
