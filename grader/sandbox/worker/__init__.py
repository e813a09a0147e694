"""What runs beside student code.

Inside the sandbox this folder is a package of its own, `worker`; it imports the standard library, NumPy and
IPython, and nothing of grader. Outside, `grader.sandbox.worker.codec` is the wire format for both sides.
"""
