// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "actions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <malloc.h>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "audio_format.hpp"
#include "bench_machine.hpp"
#include "bench_stages.hpp"
#include "output_file.hpp"
#include "paths.hpp"

namespace percepnet::tools {
namespace {

constexpr int kHop = PERCEPNET_HOP_SIZE;
constexpr int kRate = PERCEPNET_SAMPLE_RATE;
constexpr int kWarmUp = 100;  // hops
constexpr int kSignal = 2000; // hops
constexpr int kLeastHops = 100;
constexpr int kStreams[] = {1, 8, 32, 128};
constexpr double kTwoPi = 6.283185307179586;

double seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

/** Voiced sound with a moving pitch in syllables, and white noise 10 dB below it. */
std::vector<float> test_signal(int hops) {
    std::vector<float> signal(std::size_t(hops) * kHop);
    std::uint32_t noise = 1;
    double phase = 0.0;
    for (std::size_t i = 0; i < signal.size(); i++) {
        const double t = double(i) / kRate;
        phase += kTwoPi * (140.0 + 40.0 * std::sin(kTwoPi * 0.7 * t)) / kRate;
        double voice = 0.0;
        for (int harmonic = 1; harmonic <= 20; harmonic++)
            voice += std::sin(harmonic * phase) / harmonic;
        noise = noise * 1664525u + 1013904223u;
        const double white = double(noise) / 2147483648.0 - 1.0;
        signal[i] = float(0.1 * voice * std::max(0.0, std::sin(kTwoPi * 2.0 * t)) + 0.03 * white);
    }
    return signal;
}

/** One way to use the engine. */
struct Result {
    int streams;
    std::string mode; // "hop": of all streams in one call; "apart": a call each; "file": in bulk
    std::size_t hops; // measured
    Timing us;        // of a stream and a hop
    double cpu_share; // of a core, for a stream in real time
    int threads = 1;
};

struct Memory {
    std::size_t stream = 0, model = 0; // bytes
    double create_ms = 0.0, load_ms = 0.0;
};

std::size_t allocated() {
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

std::vector<StreamHandle> open_streams(const Options &options, percepnet_model *model, int count) {
    percepnet_params params = options.params;
    params.model = model;
    params.block_size = kHop;
    std::vector<StreamHandle> streams;
    for (int i = 0; i < count; i++)
        streams.push_back(open_stream(params));
    return streams;
}

/** Streams that each hear the signal from another place on. */
struct Crowd {
    std::vector<StreamHandle> owners;
    std::vector<percepnet_stream *> streams;
    std::vector<const float *> blocks;
    std::vector<const float *const *> in;
    std::vector<float> memory;
    std::vector<float *> hops;
    std::vector<float *const *> out;

    Crowd(const Options &options, percepnet_model *model, int count)
        : owners(open_streams(options, model, count)), blocks(owners.size()),
          memory(owners.size() * kHop) {
        for (std::size_t s = 0; s < owners.size(); s++)
            hops.push_back(&memory[s * kHop]);
        for (std::size_t s = 0; s < owners.size(); s++) {
            streams.push_back(owners[s].get());
            in.push_back(&blocks[s]);
            out.push_back(&hops[s]);
        }
    }

    void listen(const std::vector<float> &signal, std::size_t hop) {
        for (std::size_t s = 0; s < blocks.size(); s++)
            blocks[s] = &signal[(hop + 7 * s) % (signal.size() / kHop) * kHop];
    }

    void process(bool apart) {
        if (!apart)
            percepnet_process_many(streams.data(), int(streams.size()), in.data(), out.data(),
                                   kHop);
        for (std::size_t s = 0; apart && s < streams.size(); s++)
            percepnet_process(streams[s], in[s], out[s], kHop);
    }
};

Result measure_hops(const Options &options, percepnet_model *model,
                    const std::vector<float> &signal, int count, bool apart = false) {
    Crowd crowd(options, model, count);
    std::vector<double> times;
    double cpu = 0.0;
    const int hops = count == 1 ? options.hops : std::max(kLeastHops, 2 * options.hops / count);
    for (int hop = 0; hop < kWarmUp + hops; hop++) {
        crowd.listen(signal, std::size_t(hop));
        const double cpu_start = seconds(CLOCK_THREAD_CPUTIME_ID);
        const double start = seconds(CLOCK_MONOTONIC);
        crowd.process(apart);
        const double spent = seconds(CLOCK_MONOTONIC) - start;
        if (hop < kWarmUp)
            continue;
        cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_start;
        times.push_back(1e6 * spent / count);
    }
    const double audio = double(times.size()) * kHop / kRate * count;
    return {count, apart ? "apart" : "hop", times.size(), summarise(times), cpu / audio};
}

/** A whole recording: all of the signal in each call. */
Result measure_file(const Options &options, percepnet_model *model,
                    const std::vector<float> &signal, int threads) {
    constexpr int kCalls = 5;
    const std::vector<StreamHandle> streams = open_streams(options, model, 1);
    const double hops = double(signal.size() / kHop);
    std::vector<float> out(signal.size());
    float *const to = out.data();
    const float *const from = signal.data();
    std::vector<double> times;
    double cpu = 0.0;
    for (int call = 0; call < kCalls; call++) {
        const double cpu_start = seconds(CLOCK_PROCESS_CPUTIME_ID);
        const double start = seconds(CLOCK_MONOTONIC);
        percepnet_process_bulk(streams[0].get(), &from, &to, signal.size(), threads);
        times.push_back(1e6 * (seconds(CLOCK_MONOTONIC) - start) / hops);
        cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    }
    const double audio = kCalls * double(signal.size()) / kRate;
    return {1, "file", times.size(), summarise(times), cpu / audio, threads};
}

Memory measure_memory(const Options &options) {
    Memory memory;
    std::size_t before = allocated();
    double start = seconds(CLOCK_MONOTONIC);
    const ModelHandle model = open_model(options);
    memory.load_ms = 1e3 * (seconds(CLOCK_MONOTONIC) - start);
    memory.model = allocated() - before;
    before = allocated();
    start = seconds(CLOCK_MONOTONIC);
    const std::vector<StreamHandle> streams = open_streams(options, model.get(), 1);
    memory.create_ms = 1e3 * (seconds(CLOCK_MONOTONIC) - start);
    memory.stream = allocated() - before;
    return memory;
}

void print_stages(const std::vector<StageCost> &costs) {
    std::puts("\nstage          mean us   median   99 %    worst   multiply-adds   weights, bytes");
    Timing sum;
    for (const StageCost &cost : costs) {
        std::printf("%-13s %8.2f %8.2f %8.2f %8.2f", cost.name.c_str(), cost.us.mean, cost.us.p50,
                    cost.us.p99, cost.us.max);
        if (cost.macs > 0.0)
            std::printf(" %15.0f %16zu", cost.macs, cost.weight_bytes);
        std::puts("");
        sum.mean += cost.us.mean, sum.p50 += cost.us.p50;
    }
    std::printf("%-13s %8.2f %8.2f\n", "together", sum.mean, sum.p50);
}

void print_machine(const Machine &machine) {
    std::printf("machine     %s, %s kernels; in cache %.1f int8, %.1f float multiply-adds per ns\n"
                "            int8 weights read once, us:",
                machine.cpu.c_str(), machine.level.c_str(), machine.gmacs_int8, machine.gmacs_f32);
    for (const auto &[kib, us] : machine.weight_stream_us)
        std::printf("  %d KiB %.1f", kib, us);
    std::puts("");
}

void print_results(const Machine &machine, const Memory &memory, std::size_t parameters,
                   const std::vector<Result> &results) {
    const Result &one = results[0];
    std::printf("%.4g s of generated sound, 1 channel, 1 thread, %s kernels, %zu parameters\n",
                double(one.hops) * kHop / kRate, machine.level.c_str(), parameters);
    std::printf("speed       %.1f times real time by processor time, %.1f by the clock\n",
                1.0 / one.cpu_share, 1e6 * kHop / kRate / one.us.mean);
    std::printf("processor   %.2f %% of one core in real time\n", 100.0 * one.cpu_share);
    std::printf(
        "hop         mean %.1f us, median %.1f us, 99 %% below %.1f us, longest %.0f us, of "
        "10000 us\n",
        one.us.mean, one.us.p50, one.us.p99, one.us.max);
    for (std::size_t i = 1; i < results.size(); i++)
        std::printf("%-5s       %d stream%s, %d thread%s: mean %.1f us, median %.1f us, processor "
                    "time %.1f us of a stream and hop\n",
                    results[i].mode.c_str(), results[i].streams, results[i].streams > 1 ? "s" : "",
                    results[i].threads, results[i].threads > 1 ? "s" : "", results[i].us.mean,
                    results[i].us.p50, 1e6 * kHop / kRate * results[i].cpu_share);
    std::printf("stream      create %.2f ms, %.0f KB\n", memory.create_ms, 1e-3 * memory.stream);
    std::printf("model       load %.2f ms, %.0f KB\n", memory.load_ms, 1e-3 * memory.model);
}

using Json = nlohmann::ordered_json;

Json as_json(const Timing &us) {
    return {{"us_mean", us.mean}, {"us_p50", us.p50}, {"us_p99", us.p99}, {"us_max", us.max}};
}

Json as_json(const Machine &machine, const Memory &memory, const std::string &model,
             const std::vector<Result> &results, const std::vector<StageCost> &stages) {
    Json json;
    json["machine"] = {{"cpu", machine.cpu},
                       {"level", machine.level},
                       {"weight_stream_us", Json::object()},
                       {"gmacs_int8", machine.gmacs_int8},
                       {"gmacs_f32", machine.gmacs_f32}};
    for (const auto &[kib, us] : machine.weight_stream_us)
        json["machine"]["weight_stream_us"][std::to_string(kib) + " KiB"] = us;
    json["results"] = Json::array();
    for (const Result &result : results) {
        Json entry = {{"model", model},
                      {"level", machine.level},
                      {"streams", result.streams},
                      {"mode", result.mode},
                      {"threads", result.threads}};
        entry.update(as_json(result.us));
        entry["core_share"] = result.cpu_share;
        json["results"].push_back(entry);
    }
    for (const StageCost &stage : stages) {
        Json entry = {{"stage", stage.name}};
        entry.update(as_json(stage.us));
        entry["multiply_adds"] = stage.macs;
        entry["weight_bytes"] = stage.weight_bytes;
        json["stages"].push_back(entry);
    }
    json["memory"] = {{"stream_bytes", memory.stream},
                      {"model_bytes", memory.model},
                      {"create_ms", memory.create_ms},
                      {"load_ms", memory.load_ms}};
    return json;
}

void write_json(const std::string &path, const Json &json) {
    const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    OutputFile file(path);
    file.write(text.data(), std::int64_t(text.size()));
    file.commit();
}

} // namespace

void run_bench(const Options &options) {
    if (!options.json.empty()) {
        check_places({{options.model, "--model"}}, {{options.json, "--json"}});
        keep_what_is_there(options.json, "--json", options.force);
        check_writable(options.json);
    }
    const Memory memory = measure_memory(options);
    const ModelHandle model = open_model(options);
    const Machine machine = measure_machine();
    const std::vector<float> signal = test_signal(kSignal);
    std::vector<Result> results;
    for (const int streams : kStreams)
        results.push_back(measure_hops(options, model.get(), signal, streams));
    results.push_back(measure_hops(options, model.get(), signal, 8, true));
    results.push_back(measure_file(options, model.get(), signal, 1));
    if (thread_count(options) > 1)
        results.push_back(measure_file(options, model.get(), signal, thread_count(options)));
    const std::vector<StageCost> stages = measure_stages(options.model, signal);
    if (!options.json.empty()) {
        const char *const named = percepnet_model_metadata(model.get(), "name");
        const std::string name = options.model.empty() ? "built in" : options.model;
        return write_json(options.json,
                          as_json(machine, memory, named ? named : name, results, stages));
    }
    print_results(machine, memory, percepnet_model_parameters(model.get()), results);
    print_machine(machine);
    print_stages(stages);
}

} // namespace percepnet::tools
