// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "libav.hpp"

namespace percepnet::tools {

/** Texts of a file or track, without those about the old encoding. */
void copy_texts(const AVDictionary *from, AVDictionary **to);

/** Chapters, in a time that starts at 0. */
void copy_chapters(const AVFormatContext &from, AVFormatContext &to);

/** Chapters as texts, for FLAC and Vorbis: CHAPTER000, CHAPTER000NAME. */
void add_chapter_texts(const AVFormatContext &from, AVDictionary **to);

/** What a player is told of a track beside its codec: language, role, shape, rotation. */
void copy_track_data(const AVStream &from, AVStream &to);

/** A cover picture as an attachment, for Matroska. */
void attach_picture(const AVStream &picture, AVFormatContext &to);

/** A cover picture as a text, for Ogg: a FLAC picture block in base64. */
void add_picture_text(const AVStream &picture, AVDictionary **to);

} // namespace percepnet::tools
