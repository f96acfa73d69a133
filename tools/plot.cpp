// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "spectrogram.hpp"

#include "error.hpp"
#include "output_file.hpp"

#ifdef HAVE_CAIRO

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include <cairo.h>

namespace percepnet::tools {
namespace {

constexpr int kWidth = 1600, kHeight = 620;
constexpr int kTop = 50, kBottom = 60, kLeft = 80, kGap = 40, kRight = 110;
constexpr int kPanelWidth = (kWidth - kLeft - kGap - kRight) / 2;
constexpr int kPanelHeight = kHeight - kTop - kBottom;
constexpr float kRange = 80.0f; // dB from the darkest to the brightest colour

struct DestroyContext {
    void operator()(cairo_t *context) const { cairo_destroy(context); }
};
struct DestroySurface {
    void operator()(cairo_surface_t *surface) const { cairo_surface_destroy(surface); }
};
using Context = std::unique_ptr<cairo_t, DestroyContext>;
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;

/** From 0 (dark blue) over red to 1 (pale yellow), with rising lightness; 0xRRGGBB. */
std::uint32_t colour(float position) {
    constexpr float kStops[][3] = {{4, 4, 20},    {45, 18, 88},   {110, 30, 110}, {175, 48, 95},
                                   {228, 85, 60}, {250, 150, 40}, {252, 250, 190}};
    constexpr int kLast = int(std::size(kStops)) - 1;
    const float place = std::clamp(position, 0.0f, 1.0f) * kLast;
    const int stop = std::min(int(place), kLast - 1);
    std::uint32_t result = 0;
    for (int i = 0; i < 3; i++) {
        const float value =
            kStops[stop][i] + (place - float(stop)) * (kStops[stop + 1][i] - kStops[stop][i]);
        result = result << 8 | std::uint32_t(std::lround(value));
    }
    return result;
}

/** 1, 2 or 5 times a power of ten, so that there are at most `count` steps. */
double tick_step(double most, int count) {
    const double raw = std::max(most, 1e-9) / count;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (double factor : {1.0, 2.0, 5.0})
        if (factor * power >= raw * 0.999)
            return factor * power;
    return 10.0 * power;
}

class Picture {
public:
    Picture(const Spectrogram &before, const Spectrogram &after)
        : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, kWidth, kHeight)),
          context_(cairo_create(surface_.get())),
          peak_db_(std::ceil(std::max(before.peak_db(), -60.0f) / 10.0f) * 10.0f) {
        cairo_set_source_rgb(context_.get(), 1, 1, 1);
        cairo_paint(context_.get());
        cairo_select_font_face(context_.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                               CAIRO_FONT_WEIGHT_NORMAL);
        panel(before, kLeft, "before");
        panel(after, kLeft + kPanelWidth + kGap, "after percepnet");
        frequency_axis(before.rate());
        colour_bar();
    }

    bool save(OutputFile &file) {
        const auto write = [](void *user, const unsigned char *data, unsigned count) {
            const bool whole = static_cast<OutputFile *>(user)->write(data, count) == count;
            return whole ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
        };
        return cairo_surface_write_to_png_stream(surface_.get(), write, &file) ==
               CAIRO_STATUS_SUCCESS;
    }

private:
    void text(double x, double y, const std::string &words, double size, double align) {
        cairo_text_extents_t extents;
        cairo_set_source_rgb(context_.get(), 0.1, 0.1, 0.1);
        cairo_set_font_size(context_.get(), size);
        cairo_text_extents(context_.get(), words.c_str(), &extents);
        cairo_move_to(context_.get(), x - align * extents.width, y);
        cairo_show_text(context_.get(), words.c_str());
    }

    void line(double x0, double y0, double x1, double y1) {
        cairo_set_source_rgb(context_.get(), 0.1, 0.1, 0.1);
        cairo_set_line_width(context_.get(), 1.0);
        cairo_move_to(context_.get(), x0, y0);
        cairo_line_to(context_.get(), x1, y1);
        cairo_stroke(context_.get());
    }

    void pixel(int x, int y, float db) {
        unsigned char *row = cairo_image_surface_get_data(surface_.get()) +
                             y * cairo_image_surface_get_stride(surface_.get());
        reinterpret_cast<std::uint32_t *>(row)[x] = colour(1.0f + (db - peak_db_) / kRange);
    }

    void panel(const Spectrogram &sound, int left, const char *title) {
        cairo_surface_flush(surface_.get());
        for (int x = 0; x < kPanelWidth; x++)
            for (int y = 0; y < kPanelHeight; y++)
                pixel(left + x, kTop + kPanelHeight - 1 - y, level(sound, x, y));
        cairo_surface_mark_dirty(surface_.get());
        text(left + kPanelWidth / 2.0, kTop - 18, title, 20, 0.5);
        const double step = tick_step(sound.duration(), 10);
        for (double t = 0.0; t <= sound.duration() * 1.0001; t += step) {
            const double x = left + kPanelWidth * t / std::max(sound.duration(), 1e-9);
            char label[32];
            std::snprintf(label, sizeof label, "%g", std::round(t * 1e6) / 1e6);
            line(x, kTop + kPanelHeight, x, kTop + kPanelHeight + 6);
            text(x, kTop + kPanelHeight + 22, label, 14, 0.5);
        }
        text(left + kPanelWidth / 2.0, kHeight - 14, "time [s]", 15, 0.5);
    }

    /** The loudest of what falls on a pixel. */
    float level(const Spectrogram &sound, int x, int y) const {
        const double columns = sound.duration() / sound.column_time() / kPanelWidth;
        const double bins = double(sound.bins()) / kPanelHeight;
        float loudest = -200.0f;
        const std::size_t last_column =
            std::max(std::size_t(columns * (x + 1)), std::size_t(columns * x) + 1);
        const std::size_t last_bin =
            std::max(std::size_t(bins * (y + 1)), std::size_t(bins * y) + 1);
        for (std::size_t c = std::size_t(columns * x); c < std::min(last_column, sound.columns());
             c++)
            for (std::size_t b = std::size_t(bins * y); b < std::min(last_bin, sound.bins()); b++)
                loudest = std::max(loudest, sound.level_db(c, b));
        return loudest;
    }

    void frequency_axis(int rate) {
        const double most = rate / 2.0;
        const double step = tick_step(most, 13);
        for (double f = 0.0; f <= most; f += step) {
            const double y = kTop + kPanelHeight * (1.0 - f / most);
            char label[32];
            std::snprintf(label, sizeof label, "%.0f", f);
            line(kLeft - 6, y, kLeft, y);
            line(kLeft + kPanelWidth + kGap - 6, y, kLeft + kPanelWidth + kGap, y);
            text(kLeft - 10, y + 5, label, 14, 1.0);
        }
        text(8, kTop - 18, "frequency [Hz]", 15, 0.0);
    }

    void colour_bar() {
        const int left = kWidth - kRight + 25, width = 18;
        cairo_surface_flush(surface_.get());
        for (int y = 0; y < kPanelHeight; y++)
            for (int x = 0; x < width; x++)
                pixel(left + x, kTop + y, peak_db_ - kRange * float(y) / kPanelHeight);
        cairo_surface_mark_dirty(surface_.get());
        for (int db = 0; db <= int(kRange); db += 20) {
            const double y = kTop + kPanelHeight * db / double(kRange);
            line(left + width, y, left + width + 5, y);
            text(left + width + 9, y + 5, std::to_string(int(peak_db_) - db), 14, 0.0);
        }
        text(left - 4, kTop - 18, "level [dB]", 15, 0.0);
    }

    Surface surface_;
    Context context_;
    float peak_db_;
};

} // namespace

void draw_spectrograms(const std::string &path, const Spectrogram &before,
                       const Spectrogram &after) {
    OutputFile file(path);
    const bool drawn = Picture(before, after).save(file);
    file.check();
    if (!drawn)
        throw Error(path + " cannot be drawn; is there memory left?");
    file.commit();
}

} // namespace percepnet::tools

#else

namespace percepnet::tools {

void draw_spectrograms(const std::string &, const Spectrogram &, const Spectrogram &) {
    throw Error("--plot is not in this build; install libcairo2-dev and build again");
}

} // namespace percepnet::tools

#endif
