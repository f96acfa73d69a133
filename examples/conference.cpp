// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Many streams: a conference server in small. Every file is a participant (raw 48 kHz mono float);
// the mix of their cleaned voices goes to standard output. One model serves all streams, each
// stream has its own controls, worker threads share the streams out, and each worker takes all of
// its streams through the network together.
//
//     c++ -std=c++17 conference.cpp -o conference $(pkg-config --cflags --libs percepnet) -pthread
//     ./conference alice.f32 bob.f32 carol.f32 > mix.f32
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <percepnet.h>

namespace {

struct Free {
    void operator()(percepnet_model *model) const { percepnet_model_unref(model); }
    void operator()(percepnet_stream *stream) const { percepnet_destroy(stream); }
};
using Model = std::unique_ptr<percepnet_model, Free>;
using Stream = std::unique_ptr<percepnet_stream, Free>;

/** One voice. A tick takes 10 ms from the file. */
class Participant {
public:
    Participant(const std::string &path, percepnet_model *model)
        : file_(path, std::ios::binary), hop_(PERCEPNET_HOP_SIZE) {
        if (!file_)
            throw std::runtime_error(path + " cannot be opened");
        percepnet_params params;
        percepnet_params_init(&params);
        params.model = model;                   // the stream takes its own reference
        params.block_size = PERCEPNET_HOP_SIZE; // a promise that saves 479 samples of latency
        params.attenuation_limit = 24;          // leave a little of the room
        percepnet_error error;
        stream_.reset(percepnet_create(&params, &error));
        if (!stream_)
            throw std::runtime_error(error.message);
    }

    /** After the file's end there is silence. */
    void listen() {
        const auto bytes = std::streamsize(hop_.size() * sizeof(float));
        file_.read(reinterpret_cast<char *>(hop_.data()), bytes);
        const auto got = std::size_t(file_.gcount()) / sizeof(float);
        over_ = got == 0;
        std::fill(hop_.begin() + std::ptrdiff_t(got), hop_.end(), 0.0f);
    }

    percepnet_stream *stream() const { return stream_.get(); }
    float *const *channels() const { return &channel_; }

    void count_talk() {
        percepnet_readout readout;
        percepnet_get_readout(stream_.get(), 0, &readout);
        talking_ += readout.voice_probability > 0.5f;
    }

    bool over() const { return over_; }
    const std::vector<float> &hop() const { return hop_; }
    double seconds_of_talk() const {
        return double(talking_) * PERCEPNET_HOP_SIZE / PERCEPNET_SAMPLE_RATE;
    }
    int latency() const { return percepnet_latency(stream_.get()); }

private:
    std::ifstream file_;
    std::vector<float> hop_;
    float *channel_ = hop_.data();
    Stream stream_;
    bool over_ = false;
    int talking_ = 0;
};

using Participants = std::vector<std::unique_ptr<Participant>>;

/** Participants first, first + step, ... in one call. A server would keep these lists. */
void tick(Participants &all, std::size_t first, std::size_t step) {
    std::vector<percepnet_stream *> streams;
    std::vector<const float *const *> in;
    std::vector<float *const *> out;
    for (std::size_t p = first; p < all.size(); p += step) {
        all[p]->listen();
        streams.push_back(all[p]->stream());
        in.push_back(all[p]->channels());
        out.push_back(all[p]->channels());
    }
    percepnet_process_many(streams.data(), int(streams.size()), in.data(), out.data(),
                           PERCEPNET_HOP_SIZE);
    for (std::size_t p = first; p < all.size(); p += step)
        all[p]->count_talk();
}

/** One tick of everybody. A server would keep its threads and wake them every 10 ms. */
void tick(Participants &all, unsigned workers) {
    std::vector<std::thread> threads;
    for (unsigned w = 0; w < workers; w++)
        threads.emplace_back([&, w] { tick(all, w, workers); });
    for (std::thread &thread : threads)
        thread.join();
}

void mix(const Participants &all) {
    std::vector<float> sum(PERCEPNET_HOP_SIZE);
    for (const auto &participant : all)
        for (std::size_t i = 0; i < sum.size(); i++)
            sum[i] += participant->hop()[i];
    if (std::fwrite(sum.data(), sizeof(float), sum.size(), stdout) != sum.size())
        throw std::runtime_error("standard output cannot be written");
}

void run(const std::vector<std::string> &paths) {
    percepnet_error error;
    const Model model(percepnet_model_default(&error));
    if (!model)
        throw std::runtime_error(error.message);
    Participants all;
    for (const std::string &path : paths)
        all.push_back(std::make_unique<Participant>(path, model.get()));
    const unsigned cores = std::max(std::thread::hardware_concurrency(), 1u);
    const auto workers = unsigned(std::min<std::size_t>(cores, all.size()));
    for (int owed = all[0]->latency(); owed > 0;) { // the last word, too, comes out
        tick(all, workers);
        if (std::all_of(all.begin(), all.end(), [](const auto &p) { return p->over(); }))
            owed -= PERCEPNET_HOP_SIZE;
        mix(all);
    }
    for (std::size_t p = 0; p < all.size(); p++)
        std::fprintf(stderr, "%s talks for %.1f s\n", paths[p].c_str(), all[p]->seconds_of_talk());
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 2)
        return std::fprintf(stderr, "usage: conference FILE ... > MIX\n"), 2;
    try {
        run({argv + 1, argv + argc});
        return 0;
    } catch (const std::exception &failure) {
        return std::fprintf(stderr, "conference: %s\n", failure.what()), 1;
    }
}
