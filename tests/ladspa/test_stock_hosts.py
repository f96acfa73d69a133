# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The plug-in in the distribution's own programs."""
import os
import shutil

import numpy as np

from harness import (
    RATE,
    Skip,
    case,
    cases,
    call,
    check,
    check_equal,
    check_same,
    ffmpeg_has,
    filtered,
    main,
    noise,
    vowel,
)

PLUGIN = os.environ['LADSPA_PLUGIN']
os.environ['LADSPA_PATH'] = os.path.dirname(PLUGIN)
os.environ.pop('LD_LIBRARY_PATH', None)
BYPASS = ':c=c3=2'


def plugin(label, controls=''):
    return f'ladspa=f=percepnet:p={label}:latency=1{controls}'


def need_ladspa():
    if not ffmpeg_has('filters', 'ladspa'):
        raise Skip('this ffmpeg has no ladspa filter')


@cases(
    [1, 100, 479, 480, 481, 1919, 1920, 96137], 'ffmpeg: {} samples in and out, bit-exact, no lag'
)
def length(frames):
    need_ladspa()
    signal = noise(frames)
    check_same(filtered(signal, plugin('percepnet_mono', BYPASS)).samples, signal)
    check_equal(len(filtered(signal, plugin('percepnet_mono')).samples), frames, 'enhanced samples')


@cases(
    [('percepnet_mono', 1), ('percepnet_mono', 2), ('percepnet_mono', 6), ('percepnet_stereo', 2)],
    'ffmpeg: {} on {} channel(s)',
)
def channels(label, count):
    need_ladspa()
    signal = noise(9613, count)
    check_same(filtered(signal, plugin(label, BYPASS)).samples, signal)


@case('ffmpeg: controls by number')
def controls():
    need_ladspa()
    signal = noise(9613)
    check_same(filtered(signal, plugin('percepnet_mono', ':c=c1=0')).samples, signal, 'mix')
    check_same(
        filtered(signal, plugin('percepnet_mono', ':c=c0=0')).samples, signal, 'attenuation limit'
    )
    check(
        not filtered(signal, plugin('percepnet_mono', ':c=c1=0|c3=1')).samples.any(),
        'residual of nothing',
    )


@case('ffmpeg: controls are listed with their ranges')
def listed():
    need_ladspa()
    log = filtered(noise(480), 'ladspa=f=percepnet:p=percepnet_mono:c=help', fails=True).log
    for word in ['Attenuation limit (dB', 'Mix', 'Post-filter', 'Output (0: enhanced', 'max: 100']:
        check(word in log, f'{word!r} is missing in\n{log}')


@cases([8000, 44100, 96000], 'ffmpeg: {} Hz passes unchanged and says why')
def other_rate(rate):
    need_ladspa()
    signal = noise(9613)
    result = filtered(signal, plugin('percepnet_mono'), rate)
    check_same(result.samples, signal)
    check('48000' in result.log and 'unchanged' in result.log, f'no sentence in\n{result.log}')


@case('ffmpeg: aresample before it')
def resampled():
    need_ladspa()
    signal = vowel(44100)
    got = filtered(signal, f'aresample={RATE},' + plugin('percepnet_mono', BYPASS), 44100).samples
    wanted = filtered(signal, f'aresample={RATE}', 44100).samples
    check_equal(len(got), len(wanted), 'samples')
    check(np.abs(got - wanted).max() < 1e-6, 'the content differs')


@cases([(1, 'percepnet_mono'), (2, 'percepnet_stereo')], 'sox: {} channel(s), {}')
def sox(channels, label):
    if not shutil.which('sox'):
        raise Skip('sox is not installed')
    signal = noise(9613, channels)
    raw = ['-t', 'f32', '-r', str(RATE), '-c', str(channels)]
    effect = ['ladspa', 'percepnet', label, '100', '1', '1', '2']
    status, log, out = call(['sox', '-D', *raw, '-', *raw, '-', *effect], signal.tobytes())
    check_equal(status, 0, 'exit status of sox\n' + log)
    got = np.frombuffer(out, np.float32).reshape(-1, channels)
    check_equal(len(got), len(signal), 'samples')
    check(np.abs(got[1919:] - signal[:-1919]).max() < 1e-6, 'bypass is not the delayed input')


@case('analyseplugin finds both')
def analyse():
    if not shutil.which('analyseplugin'):
        raise Skip('analyseplugin (ladspa-sdk) is not installed')
    status, log, out = call(['analyseplugin', PLUGIN])
    check_equal(status, 0, 'exit status\n' + log)
    for word in [b'percepnet_mono', b'percepnet_stereo', b'"latency" output, control']:
        check(word in out, f'{word} is missing')


@case('GStreamer: the ladspa plug-in has it as an element and runs it')
def gstreamer():
    if not shutil.which('gst-launch-1.0'):
        raise Skip('gst-launch-1.0 is not installed')
    if call(['gst-inspect-1.0', 'ladspa'])[0] != 0:
        raise Skip('GStreamer\'s ladspa plug-in is not installed')
    element = 'ladspa-percepnet-so-percepnet-mono'
    status, log, out = call(['gst-inspect-1.0', element])
    check_equal(status, 0, 'exit status of gst-inspect-1.0\n' + log)
    check(b'attenuation-limit' in out, f'no property in\n{out.decode()}')
    status, log, _ = call(
        [
            'gst-launch-1.0',
            '-q',
            'audiotestsrc',
            'num-buffers=20',
            '!',
            'audioconvert',
            '!',
            f'audio/x-raw,rate={RATE}',
            '!',
            element,
            '!',
            'fakesink',
        ]
    )
    check_equal(status, 0, 'exit status of gst-launch-1.0\n' + log)


main()
