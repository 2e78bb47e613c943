// The border between the program and libslipway_arrow.so, which alone is linked to Arrow and is opened on first use.
// Plain C: columns cross as Arrow's C stream structures, errors as a code and a text, and nothing throws across.
// Implemented in arrow/*_plugin.cpp, called from arrow_bridge.cpp.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ArrowArrayStream;

extern "C" {

enum SlipwayArrowCode {
  kSlipwayArrowOk = 0,
  kSlipwayArrowWrongInput = 1,   // not what the format wants
  kSlipwayArrowDamaged = 2,      // begins as that format but cannot be read
  kSlipwayArrowNoColumn = 3,     // a column that was asked for is not there
  kSlipwayArrowUnsupported = 4,  // a type that we have no column for
  kSlipwayArrowSinkFailed = 5,   // the caller's own write failed; the caller knows why
};

struct SlipwayArrowError {
  char text[600];
};

// Bytes in memory, which must outlive the stream, or a file when `path` is set.
struct SlipwayArrowInput {
  const char* path;
  const char* data;
  size_t size;
  const char* const* columns;  // names wanted, in this order
  size_t column_count;         // 0: all
  // Called for each column that is left out of all, with the type that there is no column for. One that was asked for
  // by its name is not left out but refused.
  void (*leave_out)(void* self, const char* column, const char* type);
  void* self;
};

// The records of a CSV file after its header line; every cell arrives as text, missing where an unquoted cell is empty,
// NA, NaN or null. Fields of the stream are named by the column's position ("0", "1", ...).
struct SlipwayArrowCsv {
  const char* data;
  size_t size;
  char delimiter;
  char has_quotes;  // 0 when the bytes hold no quote at all: splitting is faster then
  size_t width;     // columns in the file
  const size_t* selected;
  size_t selected_count;
};

// Takes `size` bytes; anything but 0 stops the writing.
struct SlipwayArrowSink {
  void* self;
  int (*write)(void* self, const char* data, size_t size);
};

typedef int SlipwayArrowReadCsv(const SlipwayArrowCsv* input, ArrowArrayStream* out, SlipwayArrowError* error);
typedef int SlipwayArrowRead(const SlipwayArrowInput* input, ArrowArrayStream* out, SlipwayArrowError* error);
typedef int SlipwayArrowWrite(ArrowArrayStream* input, const SlipwayArrowSink* sink, SlipwayArrowError* error);

SlipwayArrowReadCsv slipway_arrow_read_csv;
SlipwayArrowRead slipway_arrow_read_parquet;
SlipwayArrowRead slipway_arrow_read_ipc;
SlipwayArrowWrite slipway_arrow_write_parquet;
SlipwayArrowWrite slipway_arrow_write_ipc;

}  // extern "C"
