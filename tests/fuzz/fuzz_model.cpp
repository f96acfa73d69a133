// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The model loader. An input is the header's text up to the first newline and then bytes of
// tensors, repeated as often as the offsets ask for; length and checksum are set right, so that the
// fuzzer gets behind them. An input that begins with '!' is a file as it is. What is taken must
// run.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "../nn/model_builder.hpp"
#include "nn/checksum.hpp"
#include "nn/network.hpp"
#include "require.hpp"

using namespace percepnet;
using fuzz::require;

namespace {

constexpr std::size_t kMostData = 1 << 15;
constexpr char kChecksum[] = "\"percepnet.checksum\":\"";

// The greatest number that stands before a ']': where the last tensor ends, if it is one.
std::size_t data_size(const std::string &header) {
    std::size_t most = 0;
    for (std::size_t at = header.find(']'); at != std::string::npos;
         at = header.find(']', at + 1)) {
        std::size_t begin = at;
        while (begin > 0 && at - begin < 7 && header[begin - 1] >= '0' && header[begin - 1] <= '9')
            begin--;
        most = std::max(most, std::size_t(std::strtoul(header.c_str() + begin, nullptr, 10)));
    }
    return std::min(most, kMostData);
}

void correct_checksum(std::string &header, const std::string &data) {
    const std::size_t at = header.find(kChecksum);
    if (at == std::string::npos)
        return;
    const std::size_t begin = at + std::strlen(kChecksum);
    const std::size_t end = header.find('"', begin);
    if (end != std::string::npos && end > begin) // "" stays wrong
        header.replace(
            begin, end - begin,
            nn::checksum_text(reinterpret_cast<const unsigned char *>(data.data()), data.size()));
}

// The pattern again and again, up to the end of the data.
void repeat(std::string &data, const char *pattern, std::size_t length) {
    const auto begin = data.begin();
    std::copy_n(pattern, std::min(length, data.size()), begin);
    for (std::size_t done = length; length > 0 && done < data.size(); done *= 2)
        std::copy_n(begin, std::min(done, data.size() - done), begin + std::ptrdiff_t(done));
}

std::string model_file(const char *input, std::size_t size) {
    if (size > 0 && input[0] == '!')
        return {input + 1, size - 1};
    const char *const end = std::find(input, input + size, '\n');
    std::string header(input, end), data(data_size(header), '\0');
    if (end < input + size)
        repeat(data, end + 1, std::size_t(input + size - end) - 1);
    correct_checksum(header, data);
    return test::container(header, data);
}

void run_network(std::shared_ptr<const nn::Model> model) {
    nn::Network network(std::move(model));
    const std::vector<float> features(kFeatures, 0.7f);
    nn::NetworkOutput out;
    for (int hop = 0; hop < 3; hop++) {
        network.step(features, out);
        for (int b = 0; b < kBands; b++)
            require(out.gain_b[b] >= 0 && out.gain_b[b] <= 1 && out.strength_b[b] >= 0 &&
                    out.strength_b[b] <= 1);
        require(out.voice_probability >= 0 && out.voice_probability <= 1);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string file = model_file(reinterpret_cast<const char *>(data), size);
    const std::unique_ptr<char[]> exact(new char[file.size()]); // no room after it
    std::memcpy(exact.get(), file.data(), file.size());
    try {
        run_network(nn::Model::parse(exact.get(), file.size()));
    } catch (const std::runtime_error &error) {
        require(error.what()[0] != '\0');
    }
    return 0;
}
