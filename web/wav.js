// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A WAV file of 32-bit float samples.

const FLOAT = 3;

export function wav(channels, rate) {
  const frames = channels[0].length;
  const step = 4 * channels.length;
  const bytes = new ArrayBuffer(58 + frames * step);
  const view = new DataView(bytes);
  let at = 0;
  const text = (value) => { for (const c of value) view.setUint8(at++, c.charCodeAt(0)); };
  const short = (value) => { view.setUint16(at, value, true); at += 2; };
  const long = (value) => { view.setUint32(at, value, true); at += 4; };
  text("RIFF"); long(bytes.byteLength - 8); text("WAVE");
  text("fmt "); long(18); short(FLOAT); short(channels.length); long(rate); long(rate * step);
  short(step); short(32); short(0);
  text("fact"); long(4); long(frames);
  text("data"); long(frames * step);
  for (let i = 0; i < frames; i++)
    for (const channel of channels) {
      view.setFloat32(at, channel[i], true);
      at += 4;
    }
  return bytes;
}
