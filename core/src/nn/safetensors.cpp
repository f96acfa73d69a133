// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/safetensors.hpp"

#include <algorithm>
#include <stdexcept>

#include "nn/checksum.hpp"
#include "nn/json_text.hpp"
#include "shortened.hpp"

namespace percepnet::nn {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeader = std::size_t(256) << 10;
constexpr std::size_t kMaxTensors = 256;
constexpr std::size_t kMaxDimensions = 2;
constexpr std::uint64_t kMaxDimension = std::uint64_t(1) << 20;
constexpr int kMaxDepth = 3; // header -> tensor -> shape

[[noreturn]] void refuse(const std::string &reason) {
    throw std::runtime_error(reason);
}

[[noreturn]] void refuse_tensor(const std::string &name, const std::string &reason) {
    refuse("tensor \"" + shortened(name, kMostName) + "\" of the model file " + reason);
}

std::size_t header_length(const unsigned char *data, std::size_t size) {
    if (size < kLengthBytes + 2)
        refuse("not a percepnet model: it is shorter than the smallest safetensors file; check "
               "that it was copied completely");
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < kLengthBytes; i++)
        length |= std::uint64_t(data[i]) << (8 * i);
    if (length < 2 || length > kMaxHeader || data[kLengthBytes] != '{')
        refuse("not a percepnet model: it is not a safetensors file, or its header is larger than "
               "256 KiB");
    if (length > size - kLengthBytes)
        refuse("the model file ends within its header; check that it was copied completely");
    return std::size_t(length);
}

void check_header(const JsonText &header) {
    if (header.fault() == JsonText::Fault::kTwiceOrTooDeep)
        refuse("the header of the model file names something twice or is nested too deep; export "
               "the model again");
    if (!header.root().is_object())
        refuse("the header of the model file is not sound JSON; the file is damaged");
}

// U+0000..1F and U+007F..9F in UTF-8: a terminal would obey them, and 0 ends a text of C.
bool has_control_character(const std::string &text) {
    unsigned last = 0;
    for (const char c : text) {
        const unsigned byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || (last == 0xc2 && byte < 0xa0))
            return true;
        last = byte;
    }
    return false;
}

// Names and metadata are shown to people.
void check_text(const std::string &text) {
    if (has_control_character(text))
        refuse("the model file has a control character (such as a line break) in a name or in its "
               "metadata; export the model again without it");
}

std::map<std::string, std::string> parse_metadata(const json &header) {
    const auto entry = header.find("__metadata__");
    if (entry == header.end() || !entry->is_object())
        refuse("not a percepnet model: this safetensors file has no metadata; make model files "
               "with training/export.py");
    std::map<std::string, std::string> metadata;
    for (const auto &[key, value] : entry->items()) {
        check_text(key);
        if (!value.is_string())
            refuse("metadata entry \"" + shortened(key, kMostName) +
                   "\" of the model file is not a string");
        metadata[key] = value.get<std::string>();
        check_text(metadata[key]);
    }
    return metadata;
}

// Unsigned numbers below a bound, or nothing.
bool read_numbers(const json &list, std::size_t most, std::uint64_t high,
                  std::vector<std::uint64_t> &numbers) {
    if (!list.is_array() || list.size() > most)
        return false;
    for (const json &number : list) {
        if (!number.is_number_unsigned() || number.get<std::uint64_t>() > high)
            return false;
        numbers.push_back(number.get<std::uint64_t>());
    }
    return true;
}

Tensor parse_tensor(const std::string &name, const json &entry, const unsigned char *data,
                    std::size_t size) {
    check_text(name);
    const auto dtype = entry.find("dtype"), shape = entry.find("shape"),
               offsets = entry.find("data_offsets");
    if (!entry.is_object() || entry.size() != 3 || dtype == entry.end() || shape == entry.end() ||
        offsets == entry.end())
        refuse_tensor(name, "is not described by dtype, shape and data_offsets alone");
    Tensor tensor;
    const auto *kind = dtype->get_ptr<const std::string *>(); // == of json would allocate
    if (!kind || (*kind != "I8" && *kind != "F32"))
        refuse_tensor(name, "has a dtype other than I8 and F32; export the model again with "
                            "training/export.py");
    tensor.dtype = *kind == "I8" ? Dtype::kInt8 : Dtype::kFloat32;
    std::vector<std::uint64_t> dimensions, range;
    if (!read_numbers(*shape, kMaxDimensions, kMaxDimension, dimensions))
        refuse_tensor(name, "has a shape that no percepnet model has");
    if (!read_numbers(*offsets, 2, size, range) || range.size() != 2 || range[0] > range[1])
        refuse_tensor(name, "lies outside the file; check that it was copied completely");
    std::uint64_t bytes = tensor.dtype == Dtype::kInt8 ? 1 : 4;
    for (std::uint64_t d : dimensions) {
        bytes *= d;
        tensor.shape.push_back(std::int64_t(d));
    }
    if (bytes != range[1] - range[0])
        refuse_tensor(name, "has a shape that does not agree with its offsets");
    tensor.data = data + range[0];
    tensor.bytes = std::size_t(bytes);
    return tensor;
}

// Every byte belongs to exactly one tensor.
void check_layout(const std::map<std::string, Tensor> &tensors, const unsigned char *data,
                  std::size_t size) {
    std::vector<const Tensor *> order;
    for (const auto &[name, tensor] : tensors)
        order.push_back(&tensor);
    std::sort(order.begin(), order.end(), [](const Tensor *a, const Tensor *b) {
        return a->data != b->data ? a->data < b->data : a->bytes < b->bytes;
    });
    const unsigned char *next = data;
    for (const Tensor *tensor : order) {
        if (tensor->data != next)
            refuse("tensors of the model file overlap or leave a gap; export the model again");
        next += tensor->bytes;
    }
    if (next != data + size)
        refuse("the model file goes on after its last tensor; export the model again");
}

} // namespace

Safetensors::Safetensors(const void *file, std::size_t size) {
    const auto *bytes = static_cast<const unsigned char *>(file);
    const std::size_t length = header_length(bytes, size);
    const JsonText text(reinterpret_cast<const char *>(bytes) + kLengthBytes, length, kMaxDepth);
    check_header(text);
    const json &header = text.root();
    metadata_ = parse_metadata(header);
    const unsigned char *data = bytes + kLengthBytes + length;
    const std::size_t data_size = size - kLengthBytes - length;
    if (header.size() - 1 > kMaxTensors)
        refuse("the model file has more tensors than any percepnet model");
    for (const auto &[name, entry] : header.items())
        if (name != "__metadata__")
            tensors_[name] = parse_tensor(name, entry, data, data_size);
    check_layout(tensors_, data, data_size);
    const auto checksum = metadata_.find("percepnet.checksum");
    if (checksum != metadata_.end() && checksum->second != checksum_text(data, data_size))
        refuse("the model file is damaged: its checksum is not that of its contents; copy it "
               "again");
}

} // namespace percepnet::nn
