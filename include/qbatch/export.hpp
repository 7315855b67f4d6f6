#pragma once
/// Marks what the shared library shows; everything else is hidden.
#if defined(__GNUC__) || defined(__clang__)
#define QBATCH_EXPORT [[gnu::visibility("default")]]
#else
#define QBATCH_EXPORT
#endif
