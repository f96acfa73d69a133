// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A bounded reader of the safetensors container: 8 bytes of header length, a JSON header, then the
// tensors' bytes. It trusts nothing: see docs/model-format.md for the limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace percepnet::nn {

enum class Dtype { kInt8, kFloat32 };

// A view of one tensor's little-endian bytes, which may have any alignment.
struct Tensor {
    Dtype dtype = Dtype::kFloat32;
    std::vector<std::int64_t> shape;
    const unsigned char *data = nullptr;
    std::size_t bytes = 0;
};

class Safetensors {
public:
    // The data must outlive this object. Throws std::runtime_error with a sentence.
    Safetensors(const void *data, std::size_t size);

    const std::map<std::string, std::string> &metadata() const { return metadata_; }
    const std::map<std::string, Tensor> &tensors() const { return tensors_; }

private:
    std::map<std::string, std::string> metadata_;
    std::map<std::string, Tensor> tensors_;
};

} // namespace percepnet::nn
