# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Scores of enhanced speech against its clean reference: mono float arrays at 48 kHz, aligned."""
import numpy as np
import scipy.signal
import scipy.stats

RATE = 48000
FRAME = RATE // 100     # of levels
LOUD_DB, PAUSE_DB = -15., -50.      # against the loudest frame
STOI_RATE, STOI_FRAME, STOI_FFT, STOI_BANDS, STOI_LOWEST = 10000, 256, 512, 15, 150.
STOI_SEGMENT = 30       # frames
STOI_CLIP_DB = -15.
STOI_RANGE_DB = 40.
SILENT_DB = -100.       # a frame of no more has nothing in it
TINY = 1e-12


def si_sdr(clean, enhanced):
    """Scale-invariant signal to distortion ratio in dB."""
    clean, enhanced = clean - clean.mean(), enhanced - enhanced.mean()
    target = clean * (clean @ enhanced) / (clean @ clean + TINY)
    error = enhanced - target
    return 10 * np.log10((target @ target + TINY) / (error @ error + TINY))


def _frames(x, size, hop):
    count = max(0, 1 + (len(x) - size) // hop)
    return x[np.arange(count)[:, None] * hop + np.arange(size)]


def segmental_snr(clean, enhanced, low=-10., high=35.):
    """Mean over 30 ms Hann frames with three quarters overlap, at 16 kHz, each limited to low..high
    dB (P. Loizou, Speech Enhancement: Theory and Practice). Pauses count."""
    clean, enhanced = (scipy.signal.resample_poly(x, 1, 3) for x in (clean, enhanced))
    size = 480
    window = np.hanning(size + 2)[1:-1]
    signal = np.sum((_frames(clean, size, size // 4) * window) ** 2, 1)
    error = np.sum((_frames(clean - enhanced, size, size // 4) * window) ** 2, 1)
    return float(np.mean(np.clip(10 * np.log10((signal + TINY) / (error + TINY)), low, high)))


def log_spectral_distance(clean, enhanced, floor_db=-60.):
    """RMS over bins of the difference of dB spectra (32 ms Hann, every 8 ms), both floored 60 dB
    below the loudest bin of the reference; mean over frames."""
    size = RATE * 32 // 1000

    def spectra(x):
        return np.abs(np.fft.rfft(_frames(x, size, size // 4) * np.hanning(size + 1)[:-1])) ** 2
    a, b = spectra(clean), spectra(enhanced)
    floor = a.max() * 10 ** (floor_db / 10) + TINY
    difference = 10 * np.log10(np.maximum(a, floor) / np.maximum(b, floor))
    return float(np.mean(np.sqrt(np.mean(difference ** 2, 1))))


def _without_silence(clean, enhanced):
    window = np.hanning(STOI_FRAME + 2)[1:-1]
    hop = STOI_FRAME // 2
    a, b = _frames(clean, STOI_FRAME, hop) * window, _frames(enhanced, STOI_FRAME, hop) * window
    level = 20 * np.log10(np.linalg.norm(a, axis=1) + TINY)
    keep = level > level.max() - STOI_RANGE_DB

    def joined(frames):
        out = np.zeros((len(frames) + 1) * hop)
        for i, frame in enumerate(frames):
            out[i * hop:i * hop + STOI_FRAME] += frame
        return out
    return joined(a[keep]), joined(b[keep])


def _third_octaves(x):
    """Magnitudes in third-octave bands, (bands, frames)."""
    window = np.hanning(STOI_FRAME + 2)[1:-1]
    power = np.abs(np.fft.rfft(_frames(x, STOI_FRAME, STOI_FRAME // 2) * window, STOI_FFT)) ** 2
    frequency = np.arange(power.shape[1]) * STOI_RATE / STOI_FFT
    centre = STOI_LOWEST * 2. ** (np.arange(STOI_BANDS) / 3)
    low = np.argmin(np.abs(frequency - (centre * 2 ** (-1 / 6))[:, None]), 1)
    high = np.argmin(np.abs(frequency - (centre * 2 ** (1 / 6))[:, None]), 1)
    return np.sqrt(np.stack([power[:, a:b].sum(1) for a, b in zip(low, high)]))


def _normalised(x, axis):
    x = x - x.mean(axis, keepdims=True)
    return x / (np.linalg.norm(x, axis=axis, keepdims=True) + TINY)


def stoi(clean, enhanced):
    """STOI and extended STOI (Taal 2011, Jensen 2016)."""
    clean, enhanced = (scipy.signal.resample_poly(x, 5, 24) for x in (clean, enhanced))
    clean, enhanced = _without_silence(clean, enhanced)
    bands = _third_octaves(clean), _third_octaves(enhanced)
    plain, extended = [], []
    for end in range(STOI_SEGMENT, bands[0].shape[1] + 1):
        x, y = (b[:, end - STOI_SEGMENT:end] for b in bands)
        lengths = [np.linalg.norm(rows, axis=1, keepdims=True) for rows in (x, y)]
        scaled = y * lengths[0] / (lengths[1] + TINY)
        clipped = np.minimum(scaled, x * (1 + 10 ** (-STOI_CLIP_DB / 20)))
        plain.append(np.mean(np.sum(_normalised(x, 1) * _normalised(clipped, 1), 1)))
        columns = _normalised(_normalised(x, 1), 0) * _normalised(_normalised(y, 1), 0)
        extended.append(columns.sum() / STOI_SEGMENT)
    if not plain:
        return float('nan'), float('nan')
    return float(np.mean(plain)), float(np.mean(extended))


def scores(clean, enhanced):
    """All by name; NaN where there is nothing in the clean one to compare with."""
    if not np.any(np.abs(clean) > 10 ** (SILENT_DB / 20)):
        return dict.fromkeys(('stoi', 'estoi', 'si_sdr', 'seg_snr', 'lsd'), np.nan)
    plain, extended = stoi(clean, enhanced)
    return dict(stoi=plain, estoi=extended, si_sdr=si_sdr(clean, enhanced),
                seg_snr=segmental_snr(clean, enhanced), lsd=log_spectral_distance(clean, enhanced))


def levels(x):
    """Of frames of 10 ms, in dB."""
    frames = x[:len(x) // FRAME * FRAME].reshape(-1, FRAME)
    return 10 * np.log10(np.mean(frames ** 2, 1) + TINY)


def loud(x):
    """Which frames are within 15 dB of the loudest."""
    level = levels(x)
    return level > max(level.max() + LOUD_DB, SILENT_DB)


def pauses(x):
    """Which frames are 50 dB or more below the loudest."""
    level = levels(x)
    return level <= max(level.max() + PAUSE_DB, SILENT_DB)


def interval(values):
    """Mean and half of its 95 % interval (Student's t; 0 of a single value), NaN left out."""
    values = np.asarray(values, float)
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return (values[0] if len(values) else np.nan), 0.
    return values.mean(), scipy.stats.t.ppf(0.975, len(values) - 1) * scipy.stats.sem(values)
