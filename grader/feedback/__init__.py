"""What a student reads about a submission: one page that needs nothing but itself, and the class's index of such pages."""

from grader.feedback.material import Excerpt, Material, gather
from grader.feedback.page import render, render_index

__all__ = ["Excerpt", "Material", "gather", "render", "render_index"]
