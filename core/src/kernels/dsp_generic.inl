// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Kernels of the signal chain, compiled once for each level. Included after vector.inl.
