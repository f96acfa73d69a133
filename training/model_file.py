# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Write and read model files (docs/model-format.md). Needs numpy only."""
import json
import unicodedata
import zlib

import numpy as np

FORMAT = '1'
# kBandCentre of core/src/constants.hpp: the engine refuses a file with other bands.
BAND_CENTRES = [0, 2, 4, 6, 8, 10, 12, 15, 18, 21, 24, 28, 32, 36, 41, 47, 53, 60, 68, 77, 87, 98,
                110, 124, 140, 157, 176, 198, 223, 251, 282, 317, 356, 400]
COMMON_KEYS = ('features', 'bands', 'look_ahead')
KIND_KEYS = {'dense': ('fc', 'conv1_kernel', 'conv2_kernel', 'width', 'gru_layers',
                       'strength_width'),
             'bands': ('channels', 'time_units', 'band_units', 'blocks', 'past', 'fine',
                       'fine_past')}
# Tensors that the engine keeps in 8 bits begin so.
QUANTISED = {'dense': ('conv', 'gru'), 'bands': ('up', 'down', 'band_out', 'time', 'out1')}
MOST = {'dense': 127, 'bands': 64}  # of a weight in 8 bits
BAND_INPUTS, FINE_INPUTS = 12, 8  # of a band for each hop
DTYPES = {'F32': np.dtype('<f4'), 'I8': np.dtype('i1')}


def kind_of(architecture):
    return architecture.get('kind', 'dense')


def _add_dense(shapes, name, rows, columns):
    shapes[name + '.weight'] = (rows, columns)
    shapes[name + '.bias'] = (rows,)


def _add_gru(shapes, name, units, inputs):
    shapes[name + '.weight_ih'] = (3 * units, inputs)
    shapes[name + '.weight_hh'] = (3 * units, units)
    shapes[name + '.bias_ih'] = (3 * units,)
    shapes[name + '.bias_hh'] = (3 * units,)


def _band_shapes(a):
    channels, units = a['channels'], a['band_units']
    shapes = {'inp.weight': (channels, BAND_INPUTS * a['past'])}
    if a['fine']:
        shapes['fine_inp.weight'] = (channels, FINE_INPUTS * a['fine_past'])
    shapes['band'] = (a['bands'], channels)
    for i in range(a['blocks']):
        _add_gru(shapes, 'up%d' % i, units, channels)
        _add_gru(shapes, 'down%d' % i, units, channels)
        _add_dense(shapes, 'band_out%d' % i, channels, 2 * units)
        _add_gru(shapes, 'time%d' % i, a['time_units'], channels)
        _add_dense(shapes, 'time_out%d' % i, channels, a['time_units'])
    _add_dense(shapes, 'out1', channels, channels)
    shapes['out2.weight'] = (2, channels)
    shapes['gain_bias'] = shapes['strength_bias'] = (a['bands'],)
    shapes['voice.weight'], shapes['voice.bias'] = (channels,), (1,)
    return shapes


def _dense_shapes(a):
    width, concat = a['width'], a['width'] * (a['gru_layers'] + 2)
    shapes = {}

    def dense(*what):
        _add_dense(shapes, *what)

    def gru(*what):
        _add_gru(shapes, *what)

    dense('fc', a['fc'], a['features'])
    dense('conv1', width, a['conv1_kernel'] * a['fc'])
    dense('conv2', width, a['conv2_kernel'] * width)
    for i in range(a['gru_layers']):
        gru('gru%d' % (i + 1), width, width)
    gru('gru_g', width, width)
    dense('fc_g', a['bands'], concat)
    dense('fc_v', 1, concat)
    gru('gru_r', a['strength_width'], 2 * width)
    dense('fc_r', a['bands'], a['strength_width'])
    return shapes


def tensor_shapes(architecture):
    """The names and shapes of all tensors that a model of this architecture has, in order."""
    return {'dense': _dense_shapes, 'bands': _band_shapes}[kind_of(architecture)](architecture)


def is_quantised(name, kind='dense'):
    """Whether the engine keeps this tensor in 8 bits."""
    return (name.startswith(QUANTISED[kind]) and '.weight' in name
            and not name.endswith('_scale'))


def quantise_rows(weight, most=127):
    """int8 weights in -most..most and a scale for each row. No pair rule: every integer path of the
    engine is exact for any weights."""
    scale = np.abs(weight).max(axis=1) / np.float32(most)
    scale = np.where(scale > 0, scale, np.float32(1)).astype('<f4')
    return np.clip(np.rint(weight / scale[:, None]), -most, most).astype('i1'), scale


def _checked(tensors, architecture):
    """The tensors as float32, with exactly the names and shapes of the architecture."""
    shapes = tensor_shapes(architecture)
    for name in ('feature_mean', 'feature_scale'):
        if name in tensors:
            shapes[name] = (architecture['features'],)
    if set(tensors) != set(shapes):
        raise ValueError('missing tensors %s, unknown tensors %s'
                         % (sorted(set(shapes) - set(tensors)), sorted(set(tensors) - set(shapes))))
    result = {}
    for name, shape in shapes.items():
        value = np.ascontiguousarray(tensors[name], dtype='<f4')
        if value.shape != shape:
            raise ValueError('tensor %s has shape %s, the architecture needs %s'
                             % (name, value.shape, shape))
        if not np.isfinite(value).all():
            raise ValueError('tensor %s holds values that are not finite' % name)
        result[name] = value
    return result


def write_container(path, tensors, metadata):
    """Write a safetensors file as it is: float32 tensors first, so that all are aligned."""
    order = sorted(tensors, key=lambda name: tensors[name].dtype.itemsize, reverse=True)
    header, offset = {'__metadata__': metadata}, 0
    for name in order:
        value = tensors[name]
        dtype = next(code for code, kind in DTYPES.items() if kind == value.dtype)
        header[name] = {'dtype': dtype, 'shape': list(value.shape),
                        'data_offsets': [offset, offset + value.nbytes]}
        offset += value.nbytes
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(len(text).to_bytes(8, 'little') + text)
        for name in order:
            file.write(tensors[name].tobytes())


def write_model(path, tensors, architecture, metadata, quantise=True):
    """Write a model file.

    tensors: float arrays by name (tensor_shapes; optional feature_mean and feature_scale);
    architecture: kind (dense if absent) and the values of its keys;
    metadata: strings by key (name, version ...), without line breaks;
    quantise: False writes all weights as float32, for reference."""
    kind = kind_of(architecture)
    shape = {key: int(architecture[key]) for key in COMMON_KEYS + KIND_KEYS[kind]}
    if kind != 'dense':
        shape['kind'] = kind
    stored = {}
    for name, value in _checked(tensors, shape).items():
        if quantise and is_quantised(name, kind):
            stored[name], stored[name + '_scale'] = quantise_rows(value, MOST[kind])
        else:
            stored[name] = value
    order = sorted(stored, key=lambda name: stored[name].dtype.itemsize, reverse=True)
    crc = 0
    for name in order:
        crc = zlib.crc32(stored[name].tobytes(), crc)
    described = {str(key): str(value) for key, value in metadata.items()}
    for text in [*described, *described.values()]:
        if any(unicodedata.category(character) == 'Cc' for character in text):
            raise ValueError('%r has a control character, which no reader takes' % text)
    described['percepnet.format'] = FORMAT
    described['percepnet.architecture'] = json.dumps({**shape, 'band_centres': BAND_CENTRES})
    described['percepnet.checksum'] = 'crc32:%08x' % crc
    write_container(path, stored, described)


def read_container(path):
    """The tensors as they are stored, and the metadata, of a safetensors file."""
    with open(path, 'rb') as file:
        data = file.read()
    start = 8 + int.from_bytes(data[:8], 'little')
    header = json.loads(data[8:start])
    metadata = header.pop('__metadata__', {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry['data_offsets']
        flat = np.frombuffer(data[start + begin:start + end], DTYPES[entry['dtype']])
        tensors[name] = flat.reshape(entry['shape'])
    return tensors, metadata


def read_model(path):
    """Weights as float32 (int8 ones multiplied by their scales), architecture, metadata."""
    stored, metadata = read_container(path)
    tensors = {}
    for name, value in stored.items():
        if value.dtype == DTYPES['I8']:
            tensors[name] = value.astype('f4') * stored[name + '_scale'][:, None]
        elif not (name.endswith('_scale') and name[:-len('_scale')] in stored):
            tensors[name] = value
    architecture = json.loads(metadata['percepnet.architecture'])
    return tensors, architecture, metadata
