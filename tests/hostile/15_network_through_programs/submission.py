# %%
import subprocess, urllib.request
%pip install --timeout 1 --index-url http://127.0.0.1:__TCP_PORT__ nothing
# %%
def look():
    done = []
    for command in ("curl -m 1 -s http://127.0.0.1:__TCP_PORT__", "wget -q -T 1 -t 1 -O - http://127.0.0.1:__TCP_PORT__",
                    "exec 3<>/dev/tcp/127.0.0.1/__TCP_PORT__", "echo x > /dev/udp/127.0.0.1/__UDP_PORT__ && false", "ping -c 1 -W 1 192.0.2.1"):
        if subprocess.run(["timeout", "1", "bash", "-c", command], capture_output=True).returncode == 0:
            done.append(command)
    try:
        urllib.request.urlopen("http://127.0.0.1:__TCP_PORT__", timeout=0.3)
        done.append("urllib")
    except OSError:
        pass
    return done
seen = look()
def backward_propagation(x, theta):
    return seen or "refused"
