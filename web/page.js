// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The page: a sound goes through the engine, controls and readouts come from it.
import { SAMPLE_RATE, controls, enhance, load, version } from "./percepnet.js";
import { PercepnetNode } from "./audio-node.js";
import { wav } from "./wav.js";
import { drawSpectrogram } from "./spectrogram.js";
import { buildControls } from "./controls.js";

const $ = (id) => document.getElementById(id);
const MICROPHONE = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

const module = await load().catch((error) => {
  say(`The engine did not load: ${error.message}`, true);
  throw error;
});
const table = controls(module);
const settings = buildControls($("controls"), table, changed);
let turns = Promise.resolve(); // what opens and closes sessions, one after the other
let session = null; // what plays: { context, node, source, loudspeaker, samples or null, name }

$("version").textContent = version(module);
$("sample").onclick = () => inTurn(() => openFile("sample", () => fetch("sample.flac")));
$("file").onchange = ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (file) inTurn(() => openFile(file.name, () => file));
};
$("microphone").onclick = () => inTurn(openMicrophone);
$("stop").onclick = () => inTurn(stop);
$("compare").onclick = compare;
$("download").onclick = () => attempt(download);
$("monitor").onchange = () => session && connectLoudspeaker();
document.ondragover = (event) => event.preventDefault();
document.ondrop = (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  if (file) inTurn(() => openFile(file.name, () => file));
};
document.body.dataset.ready = "1";

function say(text, wrong = false) {
  $("status").textContent = text;
  $("status").classList.toggle("wrong", wrong);
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    say(error.message, true);
  }
}

// Two clicks in a row would else open two sessions, of which only one could be stopped.
function inTurn(action) {
  turns = turns.then(() => attempt(action));
  return turns;
}

function changed(control, value) {
  if (control.name === "output") $("compare").setAttribute("aria-pressed", value === "bypass");
  if (!session) return;
  if (control.live) session.node.set(control.name, value);
  else inTurn(restart);
}

function compare() {
  settings.set("output", settings.values().output === "bypass" ? "enhanced" : "bypass");
}

/** A session of what prepare(context) gives; what was opened is closed where that fails. */
async function begin(prepare, stream) {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE });
  try {
    await start({ context, stream, ...await prepare(context) });
  } catch (error) {
    session = null;
    stream?.getTracks().forEach((track) => track.stop());
    await context.close();
    throw error;
  }
}

async function openFile(name, source) {
  await stop();
  await begin(async (context) => {
    const bytes = await (await source()).arrayBuffer();
    const samples = await context.decodeAudioData(bytes).catch(() => { // at the context's rate
      throw new Error(`${name}: this browser cannot read it as sound`);
    });
    const player = new AudioBufferSourceNode(context, { buffer: samples, loop: true });
    return { source: player, samples, name, channels: samples.numberOfChannels };
  });
  const { samples } = session;
  session.source.start();
  const count = samples.numberOfChannels;
  say(`${name}: ${samples.duration.toFixed(1)} s, ${count === 1 ? "one channel" : `${count} channels`}; ` +
    "it starts again at its end.");
}

async function openMicrophone() {
  await stop();
  if (!navigator.mediaDevices)
    throw new Error("Browsers give the microphone only to a page by https or localhost.");
  const stream = await navigator.mediaDevices.getUserMedia({ audio: MICROPHONE });
  await begin((context) => ({ source: context.createMediaStreamSource(stream), samples: null,
    name: "microphone", channels: 1 }), stream);
  session.node.startRecording();
  say("The microphone is on; what comes out is kept for the download.");
}

async function start(parts) {
  const { context, source, channels } = parts;
  const node = await PercepnetNode.create(context, { module, channels,
    controls: settings.values() });
  const analysers = [new AnalyserNode(context), new AnalyserNode(context)];
  source.connect(node);
  source.connect(analysers[0]);
  node.connect(analysers[1]);
  session = { ...parts, node, loudspeaker: new GainNode(context) };
  node.connect(session.loudspeaker).connect(context.destination);
  connectLoudspeaker();
  node.addEventListener("report", ({ detail }) => show(detail));
  session.pictures = [drawSpectrogram($("before"), analysers[0]),
    drawSpectrogram($("after"), analysers[1])];
  $("latency").textContent = `${((1000 * node.latency) / SAMPLE_RATE).toFixed(0)} ms`;
  $("stop").disabled = $("download").disabled = false;
  await context.resume();
}

// A control that is no live one: the same sound through a new stream.
async function restart() {
  if (!session) return;
  const { samples, name } = session;
  if (!samples) return openMicrophone();
  const { context, source } = session;
  source.disconnect();
  session.pictures.forEach((finish) => finish());
  session.node.close();
  await start({ context, source, samples, name, channels: samples.numberOfChannels });
}

function connectLoudspeaker() {
  session.loudspeaker.gain.value = $("monitor").checked ? 1 : 0;
}

async function stop() {
  if (!session) return;
  const { context, node, stream, pictures } = session;
  session = null;
  pictures.forEach((finish) => finish());
  stream?.getTracks().forEach((track) => track.stop());
  node.close();
  await context.close();
  $("stop").disabled = $("download").disabled = true;
  say("Stopped.");
}

const shares = []; // of two seconds: the clock of the audio thread is coarse

function show({ share, readout }) {
  shares.push(share);
  if (shares.length > 20) shares.shift();
  const mean = shares.reduce((sum, value) => sum + value, 0) / shares.length;
  const put = (id, value, text) => {
    $(id).value = value;
    $(`${id}-text`).textContent = text;
  };
  put("voice", readout.voiceProbability, `${(100 * readout.voiceProbability).toFixed(0)} %`);
  put("snr", readout.snr, `${readout.snr.toFixed(0)} dB`);
  put("gain", readout.gain, `${readout.gain.toFixed(0)} dB`);
  put("cpu", mean, `${(100 * mean).toFixed(1)} %`);
}

async function download() {
  const { samples, node, name } = session;
  let result;
  if (samples) {
    const input = Array.from({ length: samples.numberOfChannels }, (_, c) =>
      samples.getChannelData(c));
    $("progress").hidden = false;
    const onProgress = (share) => { $("progress").value = share; };
    result = await enhance(module, input, { controls: settings.values(), onProgress });
    $("progress").hidden = true;
  } else {
    result = await node.stopRecording();
    node.startRecording();
  }
  const blob = new Blob([wav(result, SAMPLE_RATE)], { type: "audio/wav" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replace(/\.\w+$/, "")}-${settings.values().output}.wav`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  say(`${link.download}: ${(result[0].length / SAMPLE_RATE).toFixed(1)} s.`);
  document.body.dataset.downloaded = result[0].length;
}
