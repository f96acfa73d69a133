// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The C interface of the controls.
#include <cmath>

#include "controls.hpp"
#include "handles.hpp"

using namespace percepnet;

namespace {

// Callers of an older version have a shorter structure.
bool has_field(const percepnet_params &params, const percepnet_control &control) {
    return control.field + sizeof(float) <= params.size;
}

} // namespace

extern "C" {

int percepnet_control_count(void) {
    return PERCEPNET_CONTROL_COUNT;
}

const percepnet_control *percepnet_control_info(int id) {
    return find_control(id);
}

percepnet_status percepnet_set_control(percepnet_stream *stream, int id, float value) {
    const percepnet_control *control = find_control(id);
    if (!stream || !control || !control->live || std::isnan(value))
        return PERCEPNET_ERROR_ARGUMENT;
    stream->enhancer.settings().set(control->id, nearest(*control, value));
    return PERCEPNET_OK;
}

float percepnet_get_control(const percepnet_stream *stream, int id) {
    const percepnet_control *control = find_control(id);
    return stream && control ? stream->enhancer.settings().get(control->id) : 0.0f;
}

percepnet_status percepnet_set_controls(percepnet_stream *stream, const percepnet_params *params) {
    if (!stream || !params || !is_size_of_params(params->size))
        return PERCEPNET_ERROR_ARGUMENT;
    for (const percepnet_control &control : controls())
        if (has_field(*params, control))
            percepnet_set_control(stream, control.id, read_field(*params, control));
    return PERCEPNET_OK;
}

percepnet_status percepnet_params_set_control(percepnet_params *params, int id, float value) {
    const percepnet_control *control = find_control(id);
    if (!params || !control || !has_field(*params, *control) || std::isnan(value))
        return PERCEPNET_ERROR_ARGUMENT;
    write_field(*params, *control, nearest(*control, value));
    return PERCEPNET_OK;
}

float percepnet_params_get_control(const percepnet_params *params, int id) {
    const percepnet_control *control = find_control(id);
    return params && control && has_field(*params, *control) ? read_field(*params, *control) : 0.0f;
}

percepnet_status percepnet_set_attenuation_limit(percepnet_stream *stream, float db) {
    return percepnet_set_control(stream, PERCEPNET_CONTROL_ATTENUATION_LIMIT, db);
}

float percepnet_get_attenuation_limit(const percepnet_stream *stream) {
    return percepnet_get_control(stream, PERCEPNET_CONTROL_ATTENUATION_LIMIT);
}

percepnet_status percepnet_set_mix(percepnet_stream *stream, float mix) {
    return percepnet_set_control(stream, PERCEPNET_CONTROL_MIX, mix);
}

float percepnet_get_mix(const percepnet_stream *stream) {
    return percepnet_get_control(stream, PERCEPNET_CONTROL_MIX);
}

percepnet_status percepnet_set_post_filter(percepnet_stream *stream, float strength) {
    return percepnet_set_control(stream, PERCEPNET_CONTROL_POST_FILTER, strength);
}

float percepnet_get_post_filter(const percepnet_stream *stream) {
    return percepnet_get_control(stream, PERCEPNET_CONTROL_POST_FILTER);
}

percepnet_status percepnet_set_output(percepnet_stream *stream, percepnet_output output) {
    if (output < PERCEPNET_OUTPUT_ENHANCED || output > PERCEPNET_OUTPUT_BYPASS)
        return PERCEPNET_ERROR_ARGUMENT;
    return percepnet_set_control(stream, PERCEPNET_CONTROL_OUTPUT, float(output));
}

percepnet_output percepnet_get_output(const percepnet_stream *stream) {
    return percepnet_output(percepnet_get_control(stream, PERCEPNET_CONTROL_OUTPUT));
}

} // extern "C"
