// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "batch.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "actions.hpp"
#include "audio_format.hpp"
#include "error.hpp"
#include "interrupt.hpp"
#include "output_file.hpp"
#include "paths.hpp"
#include "report.hpp"

namespace percepnet::tools {
namespace {

namespace fs = std::filesystem;

/** Numbers of files by what became of them. */
struct Summary {
    int done = 0, cut_short = 0, failed = 0, stopped = 0;
};

/** What is in a folder and in those below it. */
struct Content {
    std::vector<fs::path> files, others; // others: links to folders or to nothing, pipes, devices
    std::vector<FileReport> failed;      // folders
};

FileReport failed_report(const Job &job, const std::string &error, int status = 1) {
    FileReport report;
    report.in = job.in, report.out = job.out;
    report.error = error;
    report.status = status;
    return report;
}

std::string reading_failed(const std::string &folder, const std::error_code &failed) {
    return failed == std::errc::permission_denied
               ? folder + " may not be read; check its permissions"
               : folder + " cannot be read to its end (" + failed.message() + ")";
}

void look_into(const fs::path &folder, const fs::path &into, Content &found) {
    std::error_code failed, ignored;
    const fs::directory_iterator end;
    for (fs::directory_iterator entry(folder, failed); entry != end; entry.increment(failed)) {
        const bool is_folder = entry->is_directory(ignored);
        if (is_folder && fs::equivalent(entry->path(), into, ignored))
            continue; // the results of an earlier call
        if (is_folder && !entry->is_symlink(ignored))
            look_into(entry->path(), into, found);
        else if (entry->is_regular_file(ignored))
            found.files.push_back(entry->path());
        else
            found.others.push_back(entry->path());
    }
    if (failed)
        found.failed.push_back(
            failed_report({folder.string(), ""}, reading_failed(folder.string(), failed)));
}

void add_folder(const fs::path &folder, const fs::path &into, Plan &plan) {
    Content found;
    look_into(folder, into, found);
    std::sort(found.files.begin(), found.files.end());
    std::sort(found.others.begin(), found.others.end());
    std::sort(found.failed.begin(), found.failed.end(),
              [](const FileReport &a, const FileReport &b) { return a.in < b.in; });
    for (const fs::path &file : found.files) {
        if (names_a_format(file.string()))
            plan.jobs.push_back({file.string(), (into / file.lexically_relative(folder)).string()});
        else
            plan.unwritable.push_back(file.string());
    }
    for (const fs::path &other : found.others)
        plan.no_files.push_back(other.string());
    plan.failed.insert(plan.failed.end(), found.failed.begin(), found.failed.end());
}

std::string line_about(const FileReport &report) {
    if (!report.error.empty())
        return "failed: " + report.error;
    char text[64];
    std::snprintf(text, sizeof text, "%.1f s", double(report.frames) / report.rate);
    std::string line = report.out + ": " + text;
    if (!report.cut_short.empty())
        line += ", " + report.in + " is cut short: " + report.cut_short;
    if (!report.note.empty())
        line += "; " + report.note;
    return report.status > 128 ? line + ", stopped" : line;
}

void print_line(const FileReport &report) {
    std::fprintf(stderr, "percepnet: %s\n", line_about(report).c_str());
}

std::string first_of(const std::vector<std::string> &paths) {
    return paths[0] +
           (paths.size() == 1 ? "" : " and " + std::to_string(paths.size() - 1) + " more");
}

std::string left_out(const Plan &plan) {
    std::string text;
    if (!plan.no_files.empty())
        text += "; left out, as they are links to folders or to nothing, or no files: " +
                first_of(plan.no_files);
    if (!plan.unwritable.empty())
        text += "; left out, as no sound can be written under such names: " +
                first_of(plan.unwritable) +
                "; give each recording among them an OUT of a format that percepnet --help lists";
    return text;
}

void print_summary(const Summary &summary, const Plan &plan) {
    std::string text = std::to_string(summary.done) + " of " + std::to_string(plan.jobs.size()) +
                       " files done, " + std::to_string(summary.cut_short) +
                       " of them cut short, " + std::to_string(summary.failed) + " failed";
    if (summary.stopped > 0)
        text += ", " + std::to_string(summary.stopped) + " stopped in the middle";
    if (!plan.failed.empty())
        text += "; folders that failed: " + std::to_string(plan.failed.size());
    std::fprintf(stderr, "percepnet: %s\n", (text + left_out(plan)).c_str());
}

void make_folder(const fs::path &folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed)
        throw Error(folder.string() + " is not a folder and cannot be made one (" +
                    failed.message() + "); choose another");
}

FileReport run_job(Options options, const Job &job, percepnet_model *model) {
    options.in = job.in;
    options.out = job.out;
    options.quiet = true;
    try {
        make_folder(fs::path(job.out).parent_path());
        return enhance_file(options, model);
    } catch (const Stopped &error) {
        return failed_report(job, error.what(), 128 + interrupted());
    } catch (const std::exception &error) {
        return failed_report(job, error.what());
    }
}

/** Each thread takes the next file until there are no more, or a signal comes. */
std::vector<FileReport> run_jobs(const Options &options, const std::vector<Job> &jobs,
                                 percepnet_model *model) {
    std::vector<FileReport> reports(jobs.size());
    std::atomic<std::size_t> next{0};
    std::mutex printing;
    const std::size_t all = std::size_t(thread_count(options));
    const std::size_t at_once = std::min(all, jobs.size());
    Options each = options;
    each.jobs = int(all / std::max<std::size_t>(at_once, 1)); // threads for each file
    const auto work = [&] {
        for (std::size_t i = next++; i < jobs.size() && !interrupted(); i = next++) {
            reports[i] = run_job(each, jobs[i], model);
            const std::lock_guard<std::mutex> lock(printing);
            if (!options.quiet || reports[i].status != 0)
                print_line(reports[i]);
        }
    };
    std::vector<std::thread> threads;
    try {
        for (std::size_t i = 1; i < at_once; i++)
            threads.emplace_back(work);
    } catch (const std::exception &) { // the machine gives no more: those do all
    }
    work();
    for (std::thread &thread : threads)
        thread.join();
    reports.erase(std::remove_if(reports.begin(), reports.end(),
                                 [](const FileReport &report) { return report.in.empty(); }),
                  reports.end());
    return reports;
}

/** Whether it, or a folder below it, gets an output. */
bool comes_with_outputs(const fs::path &folder, const std::vector<Job> &jobs) {
    std::error_code ignored;
    const fs::path place = fs::weakly_canonical(folder, ignored);
    return std::any_of(jobs.begin(), jobs.end(), [&](const Job &job) {
        const fs::path below = fs::weakly_canonical(job.out, ignored).lexically_relative(place);
        return !below.empty() && *below.begin() != "..";
    });
}

void check_report_place(const Options &options, const std::vector<Job> &jobs) {
    if (options.json.empty())
        return;
    std::vector<Place> read = {{options.model, "--model"}};
    for (const Job &job : jobs)
        for (const std::string &path : {job.in, job.out})
            read.push_back({path, path});
    check_places(read, {{options.json, "--json"}});
    keep_what_is_there(options.json, "--json", options.force);
    const fs::path folder = fs::path(options.json).parent_path();
    std::error_code ignored;
    if (folder.empty() || fs::exists(folder, ignored) || !comes_with_outputs(folder, jobs))
        check_writable(options.json);
}

/** No output is that of two files, nor a file that another job reads: by name or by link. Jobs that
    would write what they read fail by themselves. */
void check_jobs(const std::vector<Job> &jobs) {
    std::map<std::string, const Job *> names;
    std::map<FileId, const Job *> read, written;
    for (const Job &job : jobs)
        if (const auto id = id_of(job.in))
            read.emplace(*id, &job);
    for (const Job &job : jobs) {
        const auto id = id_of(job.out);
        const auto [name, new_name] = names.emplace(job.out, &job);
        const Job *other = new_name ? nullptr : name->second;
        if (id && !other) {
            const auto [file, new_file] = written.emplace(*id, &job);
            other = new_file ? nullptr : file->second;
        }
        if (other)
            throw Error(other->in + " and " + job.in + " would both become " + job.out +
                        "; rename one, or make two calls");
        const auto reader = id ? read.find(*id) : read.end();
        if (reader != read.end() && reader->second->in != job.in)
            throw Error(job.in + " would become " + job.out +
                        ", which is to be read too; choose another folder");
    }
}

} // namespace

Plan plan_jobs(const std::vector<std::string> &inputs, const std::string &into) {
    Plan plan;
    for (const std::string &input : inputs) {
        if (input == "-")
            throw UsageError("--into takes files and folders, not standard input");
        std::error_code ignored;
        if (fs::is_directory(input, ignored))
            add_folder(input, into, plan);
        else
            plan.jobs.push_back({input, (fs::path(into) / fs::path(input).filename()).string()});
    }
    check_jobs(plan.jobs);
    if (plan.jobs.empty() && plan.failed.empty())
        throw Error("nothing to enhance in what was named" +
                    (plan.unwritable.empty() && plan.no_files.empty()
                         ? "; name recordings, or folders that hold some"
                         : left_out(plan)));
    return plan;
}

int enhance_all(const Options &options) {
    const Plan plan = plan_jobs(options.inputs, options.into);
    check_report_place(options, plan.jobs);
    const ModelHandle model = open_model(options);
    for (const FileReport &report : plan.failed)
        print_line(report);
    std::vector<FileReport> reports = run_jobs(options, plan.jobs, model.get());
    Summary summary;
    for (const FileReport &report : reports) {
        summary.failed += report.status == 1;
        summary.cut_short += report.status == kCutShort;
        summary.stopped += report.status > 128;
        summary.done += report.status == 0 || report.status == kCutShort;
    }
    reports.insert(reports.end(), plan.failed.begin(), plan.failed.end());
    if (!options.json.empty())
        write_reports(options.json, reports);
    if (!options.quiet)
        print_summary(summary, plan);
    if (interrupted())
        return 128 + interrupted();
    return summary.failed > 0 || !plan.failed.empty() ? 1 : summary.cut_short > 0 ? kCutShort : 0;
}

} // namespace percepnet::tools
