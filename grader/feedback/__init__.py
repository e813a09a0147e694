"""What a student reads about a submission: one page that needs nothing but itself, and the class's index of such pages."""

from grader.feedback.material import Excerpt, Material
from grader.feedback.page import render, render_index
from grader.feedback.texts import Texts, texts_of

__all__ = ["Excerpt", "Material", "Texts", "render", "render_index", "texts_of"]
