// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "media_encoder.hpp"
#include "output_file.hpp"

namespace percepnet::tools {

struct FreeOutput {
    void operator()(AVFormatContext *container) const { avformat_free_context(container); }
    void operator()(AVIOContext *io) const;
};

/** A file that libavformat writes. Of a file that libavformat reads, the enhanced track takes the
    place of the old one; the other tracks (as they are), chapters, texts and cover pictures go
    along, as far as the container holds them. */
class MediaWriter : public SoundWriter {
public:
    /** @throws Error */
    MediaWriter(const std::string &path, const MediaFormat &format, SoundReader &like);
    ~MediaWriter() override;

    using SoundWriter::write;
    void write(const std::vector<double> &interleaved) override;
    void close() override;
    std::string note() const override { return note_; }

private:
    void add_tracks();
    void add_sound(const AVStream *source);
    void add_copy(const AVStream &source);
    void add_picture(const AVStream &source);
    void add_texts();
    bool holds(const AVStream &source) const;
    void say_what_became();
    void write_header();
    void write_pictures();
    void copy_packet(AVPacket &packet);
    void write_packet(AVPacket &packet, AVRational unit, const AVStream &to);
    void check(int result) const;

    OutputFile output_;
    const MediaFormat &format_;
    SoundReader &like_;
    MediaReader *media_; // like_, if libavformat reads it
    std::unique_ptr<AVIOContext, FreeOutput> io_;
    std::unique_ptr<AVFormatContext, FreeOutput> container_;
    std::unique_ptr<MediaEncoder> encoder_;
    AVStream *sound_ = nullptr;
    std::vector<AVStream *> copies_; // by the number of the source's stream, nullptr: none
    std::string note_;
};

} // namespace percepnet::tools
