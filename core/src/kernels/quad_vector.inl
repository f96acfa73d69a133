// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What the levels of 128 bits share. Included after vector.inl.

// 16 lanes to 8 to 4, halves upon each other.
inline Quad quarter(const Vector *lane) {
    return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}
