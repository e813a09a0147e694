# %%
from fractions import Fraction


def forward_propagation(x, theta):
    return Fraction(x) * Fraction(theta)
# %%
from decimal import Decimal


def backward_propagation(x, theta):
    return Decimal(x)
