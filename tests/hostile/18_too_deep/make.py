def write(path):
    path.write_text('{"metadata": ' + "[" * 100_000 + "]" * 100_000 + ', "cells": [], "nbformat": 4}')
