"""What a student reads about a submission: one page that needs nothing but itself, and the class's index of such pages."""

from grader.feedback.page import Excerpt, render, render_index

__all__ = ["Excerpt", "render", "render_index"]
