// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The model reader: what it takes, and each way in which a file can be wrong.
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

#include "model_builder.hpp"
#include "nn/model.hpp"
#include "suite.hpp"

using namespace percepnet;
using nn::Model;
using test::container;
using test::ModelBuilder;

namespace {

nn::Architecture tiny() {
    return test::dense_architecture(3, 4, 2, 1);
}

// Parses a copy without slack behind it, so that a read past the end is seen by ASan and valgrind.
std::string outcome(const std::string &file) {
    const std::unique_ptr<char[]> copy(new char[file.size()]);
    std::memcpy(copy.get(), file.data(), file.size());
    try {
        Model::parse(copy.get(), file.size());
    } catch (const std::runtime_error &failure) {
        return failure.what();
    }
    return "";
}

// The file is refused with a sentence in which the words are.
void expect(const std::string &file, const std::string &words) {
    const std::string message = outcome(file);
    if (message.find(words) == std::string::npos)
        ck_abort_msg("expected \"%s\", got \"%s\"", words.c_str(), message.c_str());
}

std::string replaced(std::string text, const std::string &from, const std::string &to) {
    const auto at = text.find(from);
    ck_assert_msg(at != std::string::npos, "the file has no %s", from.c_str());
    return text.replace(at, from.size(), to);
}

// The header text and the tensors' bytes of a file.
std::pair<std::string, std::string> split(const std::string &file) {
    std::uint64_t length = 0;
    for (int i = 0; i < 8; i++)
        length |= std::uint64_t(static_cast<unsigned char>(file[i])) << (8 * i);
    return {file.substr(8, length), file.substr(8 + length)};
}

// With one replacement in the header, the length corrected.
std::string header_changed(const std::string &from, const std::string &to) {
    const auto [header, data] = split(ModelBuilder(tiny(), true, 1).file());
    return container(replaced(header, from, to), data);
}

} // namespace

START_TEST(sound_files_are_taken) {
    for (bool quantised : {false, true}) {
        ModelBuilder builder(tiny(), quantised, 1);
        builder.metadata["licence"] = "a \"quoted\" word";
        const std::string file = builder.file();
        const auto model = Model::parse(file.data(), file.size());
        ck_assert_int_eq(model->architecture().width, 4);
        ck_assert_int_eq(model->latency(), 1440);
        ck_assert_str_eq(model->metadata().at("licence").c_str(), "a \"quoted\" word");
        ck_assert(model->dense().conv1.weight.quantised() == quantised);
        ck_assert(!model->dense().fc.weight.quantised());
    }
}
END_TEST

START_TEST(the_papers_network_has_the_papers_number_of_weights) {
    const std::string file = ModelBuilder(nn::Architecture(), true, 1).file();
    const auto model = Model::parse(file.data(), file.size());
    const std::size_t weights = 7948288, biases = 14276, voice = 2560 + 1;
    ck_assert_uint_eq(model->parameters(), weights + biases + voice);
}
END_TEST

START_TEST(files_cut_anywhere_are_refused) {
    const std::string file = ModelBuilder(tiny(), true, 1).file();
    const std::size_t data = 8 + split(file).first.size();
    for (std::size_t n = 0; n < file.size(); n += n < data + 64 ? 1 : 97)
        ck_assert_msg(!outcome(file.substr(0, n)).empty(), "cut at %zu was taken", n);
    ck_assert_msg(!outcome(file.substr(0, file.size() - 1)).empty(), "one byte short was taken");
    expect(file + "x", "");
    ck_assert(!outcome(file + "x").empty());
}
END_TEST

START_TEST(other_kinds_of_files_are_refused) {
    expect("", "not a percepnet model");
    expect(std::string(4096, '\0'), "not a percepnet model");
    expect(std::string(4096, '\xff'), "not a percepnet model");
    expect("RIFF....WAVEfmt and more", "not a percepnet model");
    expect(container("{}", ""), "not a percepnet model");
    expect(container("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "1234"),
           "not a percepnet model");
    expect(container("{\"__metadata__\":{\"format\":\"pt\"}}", ""), "not a percepnet model");
    expect(container("{\"__metadata__\":[]}", ""), "not a percepnet model");
    expect(container("{\"__metadata__\":", ""), "not sound JSON");
    expect(container("{} trailing", ""), "not sound JSON");
    expect(container("{\"\xff\xfe\":1}", ""), "not sound JSON");
}
END_TEST

START_TEST(huge_and_deep_headers_are_refused) {
    std::string huge = container("{}", "");
    huge[7] = '\x7f'; // a length near 2^63
    expect(huge, "not a percepnet model");
    expect(container("{" + std::string(300000, ' ') + "}", ""), "256 KiB");
    std::string deep = "{\"a\":";
    for (int i = 0; i < 100000; i++)
        deep += "[";
    expect(container(deep, ""), "nested too deep");
    std::string objects = "{\"__metadata__\":";
    for (int i = 0; i < 40000; i++)
        objects += "{\"a\":";
    expect(container(objects, ""), "nested too deep");
    expect(container("{\"__metadata__\":{\"percepnet.format\":1}}", ""), "is not a string");
}
END_TEST

START_TEST(names_given_twice_are_refused) {
    expect(header_changed("\"fc.bias\"", "\"fc.weight\""), "twice");
    expect(header_changed("\"name\":\"random\"", "\"name\":\"a\",\"name\":\"b\""), "twice");
}
END_TEST

START_TEST(control_characters_are_refused_and_not_repeated) {
    for (const char *character : {"\\u0000", "\\u001b", "\\n", "\\t", "\\u001f", "\\u007f",
                                  "\u007f", "\\u009b", "\u009b"}) {
        const std::string c = character;
        for (const std::string &file :
             {header_changed("\"percepnet.format\":", "\"a" + c + "\":\"b\",\"percepnet.format\":"),
              header_changed("\"percepnet.format\":", "\"a\":\"" + c + "\",\"percepnet.format\":"),
              header_changed("\"percepnet.format\":\"1\"", "\"percepnet.format\":\"1" + c + "\""),
              header_changed("\"fc.bias\"", "\"fc.bias" + c + "\""),
              header_changed("\"__metadata__\"", "\"" + c + "\":1,\"__metadata__\"")}) {
            expect(file, "control character");
            for (const char byte : outcome(file))
                ck_assert(byte >= ' ' && byte < 0x7f);
        }
    }
    const std::string taken = outcome(header_changed(
        "\"percepnet.format\":", "\"a\":\"\u00a0\u00e9\u0d1b\",\"percepnet.format\":"));
    ck_assert_str_eq(taken.c_str(), "");
}
END_TEST

START_TEST(long_names_leave_room_for_the_reason) {
    const std::string name(1000, 'n');
    ModelBuilder extra(tiny(), true, 1);
    extra.tensors.push_back({name, "F32", {1}, std::string(4, '\0')});
    ModelBuilder newer(tiny(), true, 1);
    newer.metadata["percepnet.format"] = name;
    const std::string to = "\"" + name + "\":7,\"percepnet.format\"";
    for (const std::string &file :
         {extra.file(), newer.file(), header_changed("\"percepnet.format\"", to),
          header_changed("\"__metadata__\"", "\"" + name + "\":7,\"__metadata__\"")}) {
        expect(file, "nnn...nnn");
        ck_assert_uint_lt(outcome(file).size(), 250);
    }
}
END_TEST

START_TEST(wrong_dtypes_shapes_and_offsets_are_refused) {
    expect(header_changed("\"dtype\":\"F32\"", "\"dtype\":\"F16\""), "dtype other than I8 and F32");
    expect(header_changed("\"dtype\":\"F32\"", "\"dtype\":7"), "dtype other than I8 and F32");
    expect(header_changed("\"shape\":[3,70]", "\"shape\":[70,3]"), "has shape (70, 3)");
    expect(header_changed("\"shape\":[3,70]", "\"shape\":[210]"), "has shape (210)");
    expect(header_changed("\"shape\":[3,70]", "\"shape\":[3,71]"),
           "does not agree with its offsets");
    expect(header_changed("\"shape\":[3,70]", "\"shape\":[3,-70]"), "no percepnet model has");
    expect(header_changed("\"shape\":[3,70]", "\"shape\":[3,70.0]"), "no percepnet model has");
    expect(header_changed("\"shape\":[3,70]", "\"shape\":[1,1,210]"), "no percepnet model has");
    expect(header_changed("\"shape\":[3,70]", "\"shape\":[4294967296,4294967296]"),
           "no percepnet model has");
    expect(header_changed("\"data_offsets\":[0,840]", "\"data_offsets\":[840,0]"),
           "outside the file");
    expect(header_changed("\"data_offsets\":[0,840]", "\"data_offsets\":[0,84000000]"),
           "outside the file");
    expect(header_changed("\"data_offsets\":[0,840]", "\"data_offsets\":[0,840,840]"),
           "outside the file");
    expect(header_changed("\"data_offsets\":[0,840]", "\"data_offsets\":[4,844]"), "overlap");
    expect(header_changed("\"data_offsets\":[840,852]", "\"data_offsets\":[836,848]"), "overlap");
    expect(header_changed("\"shape\":[3,70],", ""), "is not described by");
}
END_TEST

START_TEST(tensors_missing_or_unknown_are_refused) {
    for (std::size_t i = 0; i < ModelBuilder(tiny(), true, 1).tensors.size(); i++) {
        ModelBuilder builder(tiny(), true, 1);
        const std::string name = builder.tensors[i].name;
        builder.tensors.erase(builder.tensors.begin() + std::ptrdiff_t(i));
        expect(builder.file(), "\"" + name + "\" of the model file is missing");
    }
    ModelBuilder extra(tiny(), true, 1);
    extra.tensors.push_back({"extra", "F32", {1}, std::string(4, '\0')});
    expect(extra.file(), "\"extra\" of the model file is not one");
}
END_TEST

START_TEST(weights_that_are_no_numbers_are_refused) {
    for (const char *name : {"fc.weight", "fc.bias", "gru1.bias_hh", "gru_r.weight_hh_scale"})
        for (float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
            ModelBuilder builder(tiny(), true, 1);
            builder.set_float(name, 1, bad);
            expect(builder.file(), "not finite");
        }
    ModelBuilder builder(tiny(), true, 1);
    builder.tensor("conv1.weight").data[5] = '\x80';
    expect(builder.file(), "-128");
}
END_TEST

START_TEST(int8_where_float_is_needed_is_refused) {
    ModelBuilder builder(tiny(), true, 1);
    builder.tensor("fc.weight") = {"fc.weight", "I8", {3, 70}, std::string(210, '\1')};
    expect(builder.file(), "must be F32");
    ModelBuilder scales(tiny(), true, 1);
    scales.tensor("conv1.weight_scale") = {"conv1.weight_scale", "I8", {4}, std::string(4, '\1')};
    expect(scales.file(), "must be F32");
}
END_TEST

START_TEST(damage_is_found_by_the_checksum) {
    std::string file = ModelBuilder(tiny(), true, 1).file();
    file[file.size() - 9] ^= 1;
    expect(file, "damaged");
    ModelBuilder without(tiny(), true, 1);
    without.with_checksum = false;
    expect(without.file(), "percepnet.checksum");
}
END_TEST

START_TEST(wrong_architectures_are_refused) {
    const auto with = [](const std::string &from, const std::string &to) {
        ModelBuilder builder(tiny(), true, 1);
        auto &text = builder.metadata["percepnet.architecture"];
        text = replaced(text, from, to);
        return builder.file();
    };
    expect(with("\"width\":4", "\"width\":1025"), "\"width\" must be");
    expect(with("\"width\":4", "\"width\":0"), "\"width\" must be");
    expect(with("\"width\":4", "\"width\":-4"), "\"width\" must be");
    expect(with("\"width\":4", "\"width\":4.5"), "\"width\" must be");
    expect(with("\"width\":4", "\"width\":\"4\""), "\"width\" must be");
    expect(with("\"width\":4", "\"width\":1e99"), "\"width\" must be");
    expect(with("\"width\":4", "\"width\":5"), "has shape");
    expect(with("\"look_ahead\":2", "\"look_ahead\":4"), "\"look_ahead\" must be");
    expect(with("\"gru_layers\":1", "\"gru_layers\":9"), "\"gru_layers\" must be");
    expect(with("\"features\":70", "\"features\":68"), "\"features\" must be");
    expect(with("\"fc\":3", "\"fx\":3"), "\"fc\" is missing");
    expect(with("[0,2,4,", "[0,2,5,"), "band_centres");
    expect(with("[0,2,4,", "[2,4,"), "band_centres");
    expect(with("{", "[{"), "not a JSON object");
    ModelBuilder newer(tiny(), true, 1);
    newer.metadata["percepnet.format"] = "2";
    expect(newer.file(), "newer library");
}
END_TEST

int main() {
    return test::run_suite(
        "model",
        {sound_files_are_taken, the_papers_network_has_the_papers_number_of_weights,
         files_cut_anywhere_are_refused, other_kinds_of_files_are_refused,
         huge_and_deep_headers_are_refused, names_given_twice_are_refused,
         control_characters_are_refused_and_not_repeated, long_names_leave_room_for_the_reason,
         wrong_dtypes_shapes_and_offsets_are_refused, tensors_missing_or_unknown_are_refused,
         weights_that_are_no_numbers_are_refused, int8_where_float_is_needed_is_refused,
         damage_is_found_by_the_checksum, wrong_architectures_are_refused});
}
