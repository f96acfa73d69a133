// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A spectrogram that runs from right to left: low tones below, on a scale that opens them up.

const FLOOR = -100, CEILING = -25; // dB
const LOWEST = 60; // Hz

// Dark blue over green to pale yellow: brighter is always louder.
const palette = Array.from({ length: 256 }, (_, i) => {
  const x = i / 255;
  return [255 * x ** 1.6, 255 * (0.06 + 0.9 * x), 255 * (0.12 + 0.55 * Math.sin(2.6 * x))]
    .map((value) => Math.min(255, Math.round(value)));
});

/** Draws what the analyser hears until the function that is returned is called. */
export function drawSpectrogram(canvas, analyser) {
  analyser.fftSize = 2048;
  analyser.smoothingTimeConstant = 0;
  const levels = new Float32Array(analyser.frequencyBinCount);
  const brush = canvas.getContext("2d");
  brush.clearRect(0, 0, canvas.width, canvas.height);
  const column = brush.createImageData(2, canvas.height);
  const highest = analyser.context.sampleRate / 2;
  const bins = Array.from({ length: canvas.height }, (_, y) => {
    const hz = LOWEST * (highest / LOWEST) ** (1 - y / canvas.height);
    return Math.min(levels.length - 1, Math.round((hz / highest) * levels.length));
  });
  let going = true;
  const draw = () => {
    if (!going) return;
    analyser.getFloatFrequencyData(levels);
    bins.forEach((bin, y) => {
      const share = (levels[bin] - FLOOR) / (CEILING - FLOOR);
      const colour = palette[Math.max(0, Math.min(255, Math.round(255 * share)))] ?? palette[0];
      for (let x = 0; x < 2; x++) column.data.set([...colour, 255], 4 * (2 * y + x));
    });
    brush.drawImage(canvas, -2, 0);
    brush.putImageData(column, canvas.width - 2, 0);
    requestAnimationFrame(draw);
  };
  draw();
  return () => { going = false; };
}
