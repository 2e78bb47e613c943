#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <algorithm>
#include <memory>

#include "foundation/tables/arrow/failures.h"

namespace slipway::tables::plugin {

namespace {

constexpr int64_t kRowsPerGroup = 262'144;

// Hands every byte to the caller, who owns the file.
class SinkStream final : public arrow::io::OutputStream {
 public:
  explicit SinkStream(const SlipwayArrowSink& sink) : sink_(sink) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }
  using arrow::io::Writable::Write;
  arrow::Status Write(const void* data, int64_t size) override {
    if (sink_.write(sink_.self, static_cast<const char*>(data), static_cast<size_t>(size)) != 0) {
      return arrow::Status::IOError("the file cannot be written");
    }
    position_ += size;
    return arrow::Status::OK();
  }

 private:
  SlipwayArrowSink sink_;
  int64_t position_ = 0;
  bool closed_ = false;
};

void write_parquet(ArrowArrayStream* input, const SlipwayArrowSink& sink) {
  const auto reader = check(arrow::ImportRecordBatchReader(input), kSlipwayArrowWrongInput);
  // A fixed author and no stored Arrow schema: the same rows give the same bytes whatever release wrote them.
  parquet::WriterProperties::Builder properties;
  properties.created_by("slipway")->compression(parquet::Compression::ZSTD)->enable_page_checksum();
  properties.max_row_group_length(kRowsPerGroup);
  parquet::ArrowWriterProperties::Builder arrow_properties;
  arrow_properties.set_use_threads(true);
  const auto writer = check(parquet::arrow::FileWriter::Open(*reader->schema(), arrow::default_memory_pool(),
                                                             std::make_shared<SinkStream>(sink), properties.build(),
                                                             arrow_properties.build()),
                            kSlipwayArrowSinkFailed);
  std::shared_ptr<arrow::RecordBatch> batch;
  for (check(reader->ReadNext(&batch), kSlipwayArrowWrongInput); batch != nullptr;
       check(reader->ReadNext(&batch), kSlipwayArrowWrongInput)) {
    for (int64_t start = 0; start < batch->num_rows(); start += kRowsPerGroup) {
      check(writer->NewBufferedRowGroup(), kSlipwayArrowSinkFailed);
      check(writer->WriteRecordBatch(*batch->Slice(start, kRowsPerGroup)), kSlipwayArrowSinkFailed);
    }
  }
  check(writer->Close(), kSlipwayArrowSinkFailed);
}

void write_ipc(ArrowArrayStream* input, const SlipwayArrowSink& sink) {
  const auto reader = check(arrow::ImportRecordBatchReader(input), kSlipwayArrowWrongInput);
  arrow::ipc::IpcWriteOptions options = arrow::ipc::IpcWriteOptions::Defaults();
  options.codec = check(arrow::util::Codec::Create(arrow::Compression::ZSTD), kSlipwayArrowWrongInput);
  SinkStream stream(sink);
  const auto writer = check(arrow::ipc::MakeFileWriter(&stream, reader->schema(), options), kSlipwayArrowSinkFailed);
  std::shared_ptr<arrow::RecordBatch> batch;
  for (check(reader->ReadNext(&batch), kSlipwayArrowWrongInput); batch != nullptr;
       check(reader->ReadNext(&batch), kSlipwayArrowWrongInput)) {
    for (int64_t start = 0; start < batch->num_rows(); start += kRowsPerGroup) {
      check(writer->WriteRecordBatch(*batch->Slice(start, kRowsPerGroup)), kSlipwayArrowSinkFailed);
    }
  }
  check(writer->Close(), kSlipwayArrowSinkFailed);
}

}  // namespace

}  // namespace slipway::tables::plugin

using slipway::tables::plugin::guarded;

int slipway_arrow_write_parquet(ArrowArrayStream* input, const SlipwayArrowSink* sink, SlipwayArrowError* error) {
  return guarded(error, kSlipwayArrowWrongInput, [&] { slipway::tables::plugin::write_parquet(input, *sink); });
}

int slipway_arrow_write_ipc(ArrowArrayStream* input, const SlipwayArrowSink* sink, SlipwayArrowError* error) {
  return guarded(error, kSlipwayArrowWrongInput, [&] { slipway::tables::plugin::write_ipc(input, *sink); });
}
