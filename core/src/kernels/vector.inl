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

inline Vector load(const float *p) {
    return *reinterpret_cast<const LooseVector *>(p);
}
inline void store(float *p, Vector v) {
    *reinterpret_cast<LooseVector *>(p) = v;
}
inline IntVector load_int(const int32_t *p) {
    return *reinterpret_cast<const LooseIntVector *>(p);
}
inline void store_int(int32_t *p, IntVector v) {
    *reinterpret_cast<LooseIntVector *>(p) = v;
}
inline Vector broadcast(float x) {
    return x - Vector{};
}

typedef float Quad __attribute__((vector_size(16), may_alias));
typedef int32_t QuadIndex __attribute__((vector_size(16)));

// Two of each of a and b: the lanes that i, j, k, l name, those of b from 4 on.
template <int i, int j, int k, int l> inline Quad pick(Quad a, Quad b) {
#ifdef __clang__ // has no __builtin_shuffle
    return __builtin_shufflevector(a, b, i, j, k, l);
#else
    return __builtin_shuffle(a, b, QuadIndex{i, j, k, l});
#endif
}

// Sums of the 4 lanes of each: (0 + 2) + (1 + 3).
inline Quad sums_of(Quad a, Quad b, Quad c, Quad d) {
    const Quad ab = pick<0, 1, 4, 5>(a, b) + pick<2, 3, 6, 7>(a, b);
    const Quad cd = pick<0, 1, 4, 5>(c, d) + pick<2, 3, 6, 7>(c, d);
    return pick<0, 2, 4, 6>(ab, cd) + pick<1, 3, 5, 7>(ab, cd);
}

// Sum of 16 lanes in one fixed order: halves upon each other, 16 -> 8 -> 4 -> 2 -> 1.
inline float sum_lanes(float *lane) {
    for (int half = kLanes / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}
