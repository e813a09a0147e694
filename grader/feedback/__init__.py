"""What a student reads about a submission: one page that needs nothing but itself."""

from grader.feedback.material import Excerpt, Material
from grader.feedback.page import render
from grader.feedback.texts import Texts, texts_of

__all__ = ["Excerpt", "Material", "Texts", "render", "texts_of"]
