// Search in the book when it is opened from its folder: browsers start no worker from a file, so its script runs in a hidden frame.
if (location.protocol === "file:") {
  class IFrameWorker extends EventTarget {
    constructor(url) {
      super();
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.srcdoc = `<script>
        postMessage = data => parent.dispatchEvent(new CustomEvent("grader-answer", { detail: data }));
      </script><script src="${url}"></script>`;
      addEventListener("grader-answer", event => this.dispatchEvent(new MessageEvent("message", { data: event.detail })));
      frame.addEventListener("load", () => {
        this.frame = frame;
        this.waiting.splice(0).forEach(data => this.postMessage(data));
      });
      (document.body || document.documentElement).appendChild(frame);
    }

    postMessage(data) {
      if (this.frame) {
        const message = new this.frame.contentWindow.MessageEvent("message", { data });
        this.frame.contentWindow.dispatchEvent(message);
      } else {
        this.waiting.push(data);
      }
    }
  }
  window.IFrameWorker = IFrameWorker;
  window.Worker = IFrameWorker;
}
