// Hands on what a microphone hears as it is: the mean of its channels, a tenth of a second at a time.

const PART_S = 0.1;

registerProcessor("microphone", class extends AudioWorkletProcessor {
  #part = new Float32Array(Math.round(sampleRate * PART_S));
  #filled = 0;

  process([channels]) {
    const count = channels.length;
    for (let at = 0; count > 0 && at < channels[0].length; at++) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      this.#part[this.#filled++] = sum / count;
      if (this.#filled === this.#part.length) {
        this.port.postMessage(this.#part);
        this.#filled = 0;
      }
    }
    return true;
  }
});
