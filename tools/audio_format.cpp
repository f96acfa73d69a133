// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "audio_format.hpp"

#include <algorithm>
#include <cstring>

#include "error.hpp"

namespace percepnet::tools {
namespace {

struct Container {
    const char *extension;
    int format;
    int fallback; // the sample format when that of the input does not fit
};

constexpr Container kContainers[] = {
    {"wav", SF_FORMAT_WAV, SF_FORMAT_PCM_16},   {"flac", SF_FORMAT_FLAC, SF_FORMAT_PCM_24},
    {"ogg", SF_FORMAT_OGG, SF_FORMAT_VORBIS},   {"oga", SF_FORMAT_OGG, SF_FORMAT_VORBIS},
    {"opus", SF_FORMAT_OGG, SF_FORMAT_OPUS},    {"mp3", SF_FORMAT_MPEG, SF_FORMAT_MPEG_LAYER_III},
    {"aiff", SF_FORMAT_AIFF, SF_FORMAT_PCM_16}, {"aif", SF_FORMAT_AIFF, SF_FORMAT_PCM_16},
    {"au", SF_FORMAT_AU, SF_FORMAT_PCM_16},     {"caf", SF_FORMAT_CAF, SF_FORMAT_PCM_16},
    {"w64", SF_FORMAT_W64, SF_FORMAT_PCM_16},   {"rf64", SF_FORMAT_RF64, SF_FORMAT_PCM_16},
};
constexpr std::int64_t kWavLimit = 0xFFFFFFFF - 4096; // bytes; longer ones become RF64

const Container &container_of(const std::string &path) {
    const std::size_t dot = path.find_last_of("./");
    std::string extension = dot == std::string::npos ? "" : path.substr(dot + 1);
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    std::string known;
    for (const Container &container : kContainers) {
        if (extension == container.extension)
            return container;
        known += std::string(" ") + container.extension;
    }
    throw Error(path + " has no extension that names a sound format; choose one of" + known);
}

bool is_compressed(int subtype) {
    return subtype == SF_FORMAT_VORBIS || subtype == SF_FORMAT_OPUS ||
           subtype == SF_FORMAT_MPEG_LAYER_III;
}

int wav_kind(const AudioReader &like, int subtype) {
    const int bytes = std::max(integer_bits(subtype) / 8, 4);
    if (like.length() * like.channels() * bytes > kWavLimit)
        return SF_FORMAT_RF64;
    return like.channels() > 2 ? SF_FORMAT_WAVEX : SF_FORMAT_WAV;
}

void put(std::vector<unsigned char> &bytes, const char *text) {
    bytes.insert(bytes.end(), text, text + std::strlen(text));
}

void put(std::vector<unsigned char> &bytes, std::int64_t value, int count) {
    for (int i = 0; i < count; i++)
        bytes.push_back((unsigned char)(value >> (8 * i)));
}

} // namespace

int integer_bits(int format) {
    switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8:
        return 8;
    case SF_FORMAT_PCM_16:
        return 16;
    case SF_FORMAT_PCM_24:
        return 24;
    case SF_FORMAT_PCM_32:
        return 32;
    default:
        return 0;
    }
}

SF_INFO output_format(const std::string &path, const AudioReader &like) {
    const Container &container = container_of(path);
    const int subtype = like.format() & SF_FORMAT_SUBMASK;
    SF_INFO info{};
    info.samplerate = like.rate();
    info.channels = like.channels();
    const int kind = container.format == SF_FORMAT_WAV ? wav_kind(like, subtype) : container.format;
    info.format = kind | subtype;
    const bool kept = !is_compressed(container.fallback) && !is_compressed(subtype);
    if (!kept || !sf_format_check(&info))
        info.format = kind | (is_compressed(subtype) && !is_compressed(container.fallback)
                                  ? SF_FORMAT_PCM_16
                                  : container.fallback);
    if (!sf_format_check(&info))
        throw Error(path + " cannot hold " + std::to_string(info.channels) + " channels at " +
                    std::to_string(info.samplerate) + " Hz in this format; try .wav or .flac");
    return info;
}

std::vector<unsigned char> wav_header(const SF_INFO &info, std::int64_t length) {
    const int subtype = info.format & SF_FORMAT_SUBMASK;
    const int bits =
        integer_bits(subtype) ? integer_bits(subtype) : (subtype == SF_FORMAT_DOUBLE ? 64 : 32);
    const int frame = info.channels * bits / 8;
    const std::int64_t known = length * frame;
    const std::int64_t data = length > 0 && known < kWavLimit ? known : 0xFFFFFFFF;
    std::vector<unsigned char> bytes;
    put(bytes, "RIFF");
    put(bytes, std::min<std::int64_t>(data + 36, 0xFFFFFFFF), 4);
    put(bytes, "WAVEfmt ");
    put(bytes, 16, 4);
    put(bytes, integer_bits(subtype) ? 1 : 3, 2);
    put(bytes, info.channels, 2);
    put(bytes, info.samplerate, 4);
    put(bytes, std::int64_t(info.samplerate) * frame, 4);
    put(bytes, frame, 2);
    put(bytes, bits, 2);
    put(bytes, "data");
    put(bytes, data, 4);
    return bytes;
}

} // namespace percepnet::tools
