// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "audio_format.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "error.hpp"
#include "media_format.hpp"

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
constexpr std::int64_t kMostBytes = 0xFFFFFFFF;
constexpr std::int64_t kHeaderRoom = 65536; // tags and cue points
constexpr std::int64_t kWavLimit = kMostBytes - kHeaderRoom;

const Container *find_container(const std::string &path) {
    const std::size_t dot = path.find_last_of("./");
    std::string extension = dot == std::string::npos ? "" : path.substr(dot + 1);
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    for (const Container &container : kContainers)
        if (extension == container.extension)
            return &container;
    return nullptr;
}

const Container &container_of(const std::string &path) {
    if (const Container *container = find_container(path))
        return *container;
    if (needs_media(path))
        throw Error(path + " needs libavformat, and this program was built without it; "
                           "write .wav or .flac");
    throw Error(path + " has no extension that names a sound format; choose one of" +
                written_extensions());
}

/** Lossy, in blocks: what is written in it may be longer, ADPCM by up to a block. */
bool is_compressed(int subtype) {
    switch (subtype) {
    case SF_FORMAT_ULAW:
    case SF_FORMAT_ALAW:
    case SF_FORMAT_FLOAT:
    case SF_FORMAT_DOUBLE:
        return false;
    default:
        return integer_bits(subtype) == 0;
    }
}

int pcm_of(int bits) {
    return bits <= 16 ? SF_FORMAT_PCM_16 : bits <= 24 ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_32;
}

/** WAV's number of a sample format. */
int wav_tag(int subtype) {
    return subtype == SF_FORMAT_ALAW   ? 6
           : subtype == SF_FORMAT_ULAW ? 7
           : integer_bits(subtype)     ? 1
                                       : 3;
}

/** The rate itself or, for a codec that knows few, the next one above or its highest. */
int rate_for(int format, int rate) {
    static constexpr int kOpus[] = {8000, 12000, 16000, 24000, 48000};
    static constexpr int kMp3[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};
    const auto fit = [rate](const auto &rates) {
        const auto next = std::lower_bound(std::begin(rates), std::end(rates), rate);
        return next == std::end(rates) ? *std::prev(next) : *next;
    };
    const int subtype = format & SF_FORMAT_SUBMASK;
    return subtype == SF_FORMAT_OPUS             ? fit(kOpus)
           : subtype == SF_FORMAT_MPEG_LAYER_III ? fit(kMp3)
                                                 : rate;
}

/** RF64, where the sizes have 64 bits, only if it may be needed. */
int wav_kind(const SoundReader &like, int subtype) {
    const std::int64_t frame = std::int64_t(like.channels()) * sample_bytes(subtype);
    SF_INFO long_file{0, like.rate(), like.channels(), SF_FORMAT_RF64 | subtype, 0, 0};
    const bool may_be_long = !like.length_known() || like.length() > kWavLimit / frame;
    if (may_be_long && sf_format_check(&long_file))
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
    case SF_FORMAT_ALAC_16:
        return 16;
    case SF_FORMAT_ALAC_20:
        return 20;
    case SF_FORMAT_PCM_24:
    case SF_FORMAT_ALAC_24:
        return 24;
    case SF_FORMAT_PCM_32:
    case SF_FORMAT_ALAC_32:
        return 32;
    default:
        return 0;
    }
}

int sample_bytes(int format) {
    switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_ULAW:
    case SF_FORMAT_ALAW:
        return 1;
    case SF_FORMAT_FLOAT:
        return 4;
    case SF_FORMAT_DOUBLE:
        return 8;
    default:
        return integer_bits(format) ? (integer_bits(format) + 7) / 8 : 2;
    }
}

std::string written_extensions() {
    std::string known;
    for (const Container &container : kContainers)
        known += std::string(" ") + container.extension;
    return known + (media_built() ? media_extensions() : "");
}

bool names_a_format(const std::string &path) {
    return find_container(path) || (media_built() && needs_media(path));
}

void keep_what_is_there(const std::string &path, const std::string &called, bool force) {
    if (path == "-" || !std::filesystem::is_regular_file(path))
        return;
    if (called != "OUT" && names_a_format(path))
        throw Error(path + " is a recording, and " + called +
                    " would take its place; give it another name");
    if (!force)
        throw Error(path + " is there already; --force replaces it");
}

bool is_wav_for_now(const std::string &path, const SF_INFO &info) {
    return (info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_RF64 &&
           container_of(path).format == SF_FORMAT_WAV;
}

std::int64_t largest_file(int format) {
    switch (format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_WAV:
    case SF_FORMAT_WAVEX:
    case SF_FORMAT_AIFF:
    case SF_FORMAT_AU:
        return kMostBytes - kHeaderRoom;
    default:
        return 0;
    }
}

SF_INFO output_format(const std::string &path, const SoundReader &like) {
    const Container &container = container_of(path);
    const int subtype = like.format() & SF_FORMAT_SUBMASK;
    SF_INFO info{};
    info.samplerate = like.rate();
    info.channels = like.channels();
    info.format = container.format | subtype;
    if (integer_bits(subtype) > 8 && !sf_format_check(&info)) // ALAC, in others than CAF
        info.format = container.format | pcm_of(integer_bits(subtype));
    const bool kept = !is_compressed(container.fallback) && !is_compressed(subtype);
    if (!kept || !sf_format_check(&info))
        info.format =
            container.format |
            (is_compressed(subtype) && !is_compressed(container.fallback) ? SF_FORMAT_PCM_16
                                                                          : container.fallback);
    if (container.format == SF_FORMAT_WAV)
        info.format =
            wav_kind(like, info.format & SF_FORMAT_SUBMASK) | (info.format & SF_FORMAT_SUBMASK);
    info.samplerate = rate_for(info.format, like.rate());
    if (!sf_format_check(&info))
        throw Error(path + " cannot hold " + std::to_string(info.channels) + " channels at " +
                    std::to_string(info.samplerate) + " Hz in this format; try .wav or .flac");
    return info;
}

std::vector<unsigned char> wav_header(const SF_INFO &info, std::int64_t length,
                                      std::uint64_t speakers) {
    static constexpr unsigned char kGuid[] = {0, 0, 0,    0, 0x10, 0,    0x80,
                                              0, 0, 0xAA, 0, 0x38, 0x9B, 0x71}; // after the tag
    const bool extended = info.channels > 2 && speakers != 0 && speakers <= UINT32_MAX;
    const int subtype = info.format & SF_FORMAT_SUBMASK;
    const int frame = info.channels * sample_bytes(subtype);
    const std::int64_t known = length * frame;
    const std::int64_t data = length > 0 && known < kWavLimit ? known : kMostBytes;
    std::vector<unsigned char> bytes;
    put(bytes, "RIFF");
    put(bytes, std::min(data + data % 2 + (extended ? 60 : 36), kMostBytes), 4);
    put(bytes, "WAVEfmt ");
    put(bytes, extended ? 40 : 16, 4);
    put(bytes, extended ? 0xFFFE : wav_tag(subtype), 2);
    put(bytes, info.channels, 2);
    put(bytes, info.samplerate, 4);
    put(bytes, std::int64_t(info.samplerate) * frame, 4);
    put(bytes, frame, 2);
    put(bytes, 8 * sample_bytes(subtype), 2);
    if (extended) {
        put(bytes, 22, 2); // bytes that follow
        put(bytes, 8 * sample_bytes(subtype), 2);
        put(bytes, std::int64_t(speakers), 4);
        put(bytes, wav_tag(subtype), 2);
        bytes.insert(bytes.end(), std::begin(kGuid), std::end(kGuid));
    }
    put(bytes, "data");
    put(bytes, data, 4);
    return bytes;
}

} // namespace percepnet::tools
