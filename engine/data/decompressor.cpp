#include "engine/data/decompressor.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

#include "vernier/error.h"

namespace vernier {
namespace {

[[noreturn]] void fail_damaged(const std::string& path, const std::string& kind, const char* what) {
  fail(ErrorCode::kInvalidInput, path,
       "the " + kind + " data is damaged: " + (what != nullptr ? what : "unknown") + ".");
}

// RFC 1952; several members one behind the other make one file.
class Gzip final : public Decompressor {
 public:
  explicit Gzip(std::string path) : path_(std::move(path)) {
    // 16: expect gzip's header.
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK)
      fail(ErrorCode::kOutOfMemory, path_, "no memory to unpack gzip.");
  }
  ~Gzip() override { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  std::size_t unpack(std::string_view& in, char* out, std::size_t capacity) override {
    if (ended_ && in.empty()) return 0;
    if (ended_) {
      inflateReset(&stream_);
      ended_ = false;
    }
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    const auto given = static_cast<uInt>(std::min(in.size(), kMost));
    const auto room = static_cast<uInt>(std::min(capacity, kMost));
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));  // zlib does not write to it
    stream_.avail_in = given;
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = room;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) fail_damaged(path_, "gzip", stream_.msg);
    in.remove_prefix(given - stream_.avail_in);
    ended_ = status == Z_STREAM_END;
    return room - stream_.avail_out;
  }
  bool complete() const override { return ended_; }

 private:
  std::string path_;
  z_stream stream_{};
  bool ended_ = false;
};

class Zstd final : public Decompressor {
 public:
  explicit Zstd(std::string path) : path_(std::move(path)), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {
    if (stream_ == nullptr) fail(ErrorCode::kOutOfMemory, path_, "no memory to unpack zstd.");
  }

  std::size_t unpack(std::string_view& in, char* out, std::size_t capacity) override {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out, capacity, 0};
    const std::size_t status = ZSTD_decompressStream(stream_.get(), &output, &input);
    if (ZSTD_isError(status)) fail_damaged(path_, "zstd", ZSTD_getErrorName(status));
    // A call that neither takes nor gives anything only says what the next frame would need.
    if (input.pos > 0 || output.pos > 0) ended_ = status == 0;
    in.remove_prefix(input.pos);
    return output.pos;
  }
  bool complete() const override { return ended_; }

 private:
  std::string path_;
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> make_decompressor(std::string_view head, const std::string& path) {
  if (head.starts_with("\x1F\x8B")) return std::make_unique<Gzip>(path);
  if (head.starts_with("\x28\xB5\x2F\xFD")) return std::make_unique<Zstd>(path);
  return nullptr;
}

}  // namespace vernier
