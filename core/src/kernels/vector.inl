// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Vectors as wide as the level's registers, kVectorFloats floats: + - * / and comparisons work on
// them element by element. 16 floats are always kVectors of them, whatever the level: a sum over
// kLanes lanes comes out the same everywhere.
//
// Included inside each level's anonymous namespace. No std:: functions here or in any other .inl:
// the linker may keep the copy of an inline function that was compiled for the newest processor.

constexpr int kVectors = kLanes / kVectorFloats;

typedef float Vector __attribute__((vector_size(4 * kVectorFloats)));
typedef int32_t IntVector __attribute__((vector_size(4 * kVectorFloats)));
typedef float LooseVector __attribute__((vector_size(4 * kVectorFloats), aligned(4), may_alias));

typedef int32_t LooseIntVector
    __attribute__((vector_size(4 * kVectorFloats), aligned(4), may_alias));

inline Vector load(const float *p) { return *reinterpret_cast<const LooseVector *>(p); }
inline void store(float *p, Vector v) { *reinterpret_cast<LooseVector *>(p) = v; }
inline IntVector load_int(const int32_t *p) { return *reinterpret_cast<const LooseIntVector *>(p); }
inline void store_int(int32_t *p, IntVector v) { *reinterpret_cast<LooseIntVector *>(p) = v; }
inline Vector broadcast(float x) { return x - Vector{}; }

// v with its lanes i + half (around the end) added to lanes i.
inline Vector fold(Vector v, int half) {
#ifdef __clang__ // makes one shuffle of it, and has no __builtin_shuffle
    Vector turned;
    for (int i = 0; i < kVectorFloats; i++)
        turned[i] = v[(i + half) % kVectorFloats];
    return v + turned;
#else
    IntVector from;
    for (int i = 0; i < kVectorFloats; i++)
        from[i] = (i + half) % kVectorFloats;
    return v + __builtin_shuffle(v, from);
#endif
}

// The same as below of lanes that are still in vectors.
inline float sum_lanes(const Vector *lane) {
    Vector sum = lane[0];
    if (kVectors == 2)
        sum = lane[0] + lane[1];
    if (kVectors == 4)
        sum = (lane[0] + lane[2]) + (lane[1] + lane[3]);
    if (kVectorFloats == 16)
        sum = fold(sum, 8);
    if (kVectorFloats >= 8)
        sum = fold(sum, 4);
    return fold(fold(sum, 2), 1)[0];
}

// Sum of 16 lanes in one fixed order: halves upon each other, 16 -> 8 -> 4 -> 2 -> 1.
inline float sum_lanes(float *lane) {
    for (int half = kLanes / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}
