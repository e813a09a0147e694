# %%
import os, sys, threading
answers = []
for ask in (lambda: input("? "), lambda: sys.stdin.read(), lambda: sys.stdin.readline(), lambda: __import__("getpass").getpass(),
            lambda: os.read(0, 10), lambda: open("/dev/tty").read(), lambda: os.system("read x; cat")):
    try:
        answers.append(ask())
    except Exception as error:
        answers.append(type(error).__name__)
# %%
!cat
# %%
def forward_propagation(x, theta):
    return input("grade? ")
def backward_propagation(x, theta):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
def gradient_check(x, theta, epsilon=1e-7):
    readable, writable = os.pipe()
    return os.read(readable, 1)
