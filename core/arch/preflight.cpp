#include "core/arch/preflight.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

namespace heirloom::arch {
namespace {

constexpr std::uint64_t kMaxEntries = 10'000;
// Code is text: only entries of code may be compressed, and none of them to more than this.
constexpr std::uint64_t kMaxCodeBytes = std::uint64_t{16} << 20;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;

// Within this file a refusal is thrown; preflight() makes it an Error.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] void refuse(std::string what) {
  throw Refusal(what);
}

// Little-endian numbers at a place that is within the bytes.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t size() const { return bytes_.size(); }
  std::string_view at(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) refuse("it is cut off");
    return bytes_.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
  }
  std::uint64_t number(std::uint64_t offset, int width) const {
    std::uint64_t out = 0;
    const std::string_view text = at(offset, static_cast<std::uint64_t>(width));
    for (int i = width - 1; i >= 0; --i) {
      out = (out << 8) | static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
    }
    return out;
  }
  std::uint16_t u16(std::uint64_t offset) const {
    return static_cast<std::uint16_t>(number(offset, 2));
  }
  std::uint32_t u32(std::uint64_t offset) const {
    return static_cast<std::uint32_t>(number(offset, 4));
  }
  std::uint64_t u64(std::uint64_t offset) const { return number(offset, 8); }

 private:
  std::string_view bytes_;
};

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
};

struct Entry {
  std::string name;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint64_t stored = 0;  // bytes in the file
  std::uint64_t size = 0;    // bytes they stand for
  std::uint64_t header = 0;  // where its local header is
  std::uint64_t begin = 0;   // where its bytes are
};

// A field of 32 bits that may say "look into the 64-bit record".
std::uint64_t wide(std::uint64_t narrow, std::uint64_t all_ones, std::uint64_t of_record) {
  if (narrow != all_ones && narrow != of_record) refuse("its two directories differ");
  return of_record;
}

Directory find_directory(const Bytes& file) {
  constexpr std::uint64_t kEndSize = 22;
  constexpr std::uint64_t kLocatorSize = 20;
  constexpr std::uint64_t kRecordSize = 56;
  if (file.size() < kEndSize) refuse("it is too short for an archive");
  const std::uint64_t end = file.size() - kEndSize;
  if (file.u32(end) != 0x06054b50) refuse("it does not end as an archive does");
  if (file.u16(end + 4) != 0 || file.u16(end + 6) != 0) refuse("it is one of several volumes");
  Directory out{file.u16(end + 10), file.u32(end + 12), file.u32(end + 16)};
  std::uint64_t after = end;
  if (end >= kLocatorSize && file.u32(end - kLocatorSize) == 0x07064b50) {
    const std::uint64_t record = file.u64(end - kLocatorSize + 8);
    if (record + kRecordSize != end - kLocatorSize || file.u32(record) != 0x06064b50) {
      refuse("its directory is not at its end");
    }
    out.entries = wide(out.entries, 0xffff, file.u64(record + 32));
    out.size = wide(out.size, 0xffffffff, file.u64(record + 40));
    out.offset = wide(out.offset, 0xffffffff, file.u64(record + 48));
    after = record;
  }
  if (out.entries == 0 || out.entries > kMaxEntries) {
    refuse(fmt::format("it has {} entries", out.entries));
  }
  if (out.offset > after || out.size != after - out.offset) {
    refuse("its directory is not at its end");
  }
  return out;
}

// The sizes and the place of an entry, from its 64-bit extra field where the short ones are full.
void widen(const Bytes& file, Entry& entry, std::uint64_t extra, std::uint64_t extra_size) {
  constexpr std::uint64_t kFull = 0xffffffff;
  if (entry.size != kFull && entry.stored != kFull && entry.header != kFull) return;
  for (std::uint64_t at = extra; at + 4 <= extra + extra_size;) {
    const std::uint16_t id = file.u16(at);
    std::uint64_t next = at + 4;
    at = next + file.u16(at + 2);
    if (id != 1) continue;
    for (std::uint64_t* field : {&entry.size, &entry.stored, &entry.header}) {
      if (*field != kFull) continue;
      *field = file.u64(next);
      next += 8;
    }
    return;
  }
  refuse(fmt::format("{} has no size", entry.name));
}

std::vector<Entry> read_entries(const Bytes& file, const Directory& directory) {
  std::vector<Entry> out;
  std::uint64_t at = directory.offset;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (file.u32(at) != 0x02014b50) refuse("its directory is damaged");
    Entry entry;
    const std::uint16_t flags = file.u16(at + 8);
    entry.method = file.u16(at + 10);
    entry.crc = file.u32(at + 16);
    entry.stored = file.u32(at + 20);
    entry.size = file.u32(at + 24);
    const std::uint16_t name_size = file.u16(at + 28);
    const std::uint16_t extra_size = file.u16(at + 30);
    const std::uint32_t attributes = file.u32(at + 38);
    entry.header = file.u32(at + 42);
    entry.name = std::string(file.at(at + 46, name_size));
    widen(file, entry, at + 46 + name_size, extra_size);
    if ((flags & 1) != 0) refuse(fmt::format("{} is encrypted", entry.name));
    if (((attributes >> 16) & 0170000) == 0120000) refuse(fmt::format("{} is a link", entry.name));
    at += 46U + name_size + extra_size + file.u16(at + 32);
    out.push_back(std::move(entry));
  }
  if (at != directory.offset + directory.size) refuse("its directory is damaged");
  return out;
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_path(std::string_view text) {
  return !text.empty() && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '_' || c == '/' || c == '.' || c == '-';
         });
}

// The folder that all entries lie in, and the rest of the name.
std::pair<std::string_view, std::string_view> split_folder(std::string_view name) {
  const std::size_t slash = std::min(name.find('/'), name.size());
  return {name.substr(0, slash), name.substr(std::min(slash + 1, name.size()))};
}

bool starts_with(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

bool is_code(std::string_view inner) {
  return starts_with(inner, "code/");
}

bool is_known_name(std::string_view inner) {
  for (const std::string_view plain : {"data.pkl", "constants.pkl", "version", "byteorder"}) {
    if (inner == plain) return true;
  }
  if (starts_with(inner, "data/")) return is_digits(inner.substr(5));
  if (starts_with(inner, "constants/")) return is_digits(inner.substr(10));
  if (starts_with(inner, ".data/")) return is_path(inner.substr(6));
  if (starts_with(inner, "extra/")) return is_path(inner.substr(6));  // _extra_files of save()
  return is_code(inner) && is_path(inner.substr(5));
}

void check_names(const std::vector<Entry>& entries) {
  std::set<std::string_view> seen;
  const std::string_view folder = split_folder(entries.front().name).first;
  for (const Entry& entry : entries) {
    const auto [own, inner] = split_folder(entry.name);
    if (own != folder || !is_path(own) || !is_known_name(inner)) {
      refuse(fmt::format("it has an entry \"{}\", which LibTorch never writes", entry.name));
    }
    if (!seen.insert(entry.name).second) refuse(fmt::format("it has {} twice", entry.name));
  }
  const auto has = [&](std::string_view inner) {
    return seen.contains(fmt::format("{}/{}", folder, inner));
  };
  for (const std::string_view needed : {"data.pkl", "constants.pkl"}) {
    if (!has(needed)) refuse(fmt::format("it has no {}: it is no TorchScript module", needed));
  }
  // Modules with operators of newer versions have the other one.
  if (!has("version") && !has(".data/version")) {
    refuse("it has no version: it is no TorchScript module");
  }
}

// Finds the bytes of each entry, behind a local header that agrees with the directory. They lie in
// order and apart, before the directory.
void place_entries(const Bytes& file, const Directory& directory, std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.header < b.header; });
  std::uint64_t free = 0;
  for (Entry& entry : entries) {
    if (entry.header < free || file.u32(entry.header) != 0x04034b50) {
      refuse(fmt::format("{} is not where the directory says", entry.name));
    }
    const std::uint16_t name_size = file.u16(entry.header + 26);
    if (file.at(entry.header + 30, name_size) != entry.name ||
        file.u16(entry.header + 8) != entry.method) {
      refuse(fmt::format("{} is another entry than the directory says", entry.name));
    }
    entry.begin = entry.header + 30 + name_size + file.u16(entry.header + 28);
    file.at(entry.begin, entry.stored);
    free = entry.begin + entry.stored;
    if (free > directory.offset) refuse(fmt::format("{} reaches into the directory", entry.name));
  }
}

std::string inflated(const Entry& entry, std::string_view stored) {
  if (entry.size > kMaxCodeBytes) refuse(fmt::format("{} is too large", entry.name));
  std::string out(static_cast<std::size_t>(entry.size), '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  // zlib takes its input without const, and reads it only.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(stored.data()));
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&stream, Z_FINISH);
  const bool whole = code == Z_STREAM_END && stream.avail_out == 0 && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) refuse(fmt::format("{} is damaged", entry.name));
  return out;
}

std::uint32_t crc_of(std::string_view bytes) {
  constexpr std::size_t kPiece = std::size_t{1} << 30;
  uLong crc = crc32(0, nullptr, 0);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    crc = crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size()));
    bytes.remove_prefix(piece.size());
  }
  return static_cast<std::uint32_t>(crc);
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '.';
}

// What a dotted name in TorchScript code must not be.
void check_word(std::string_view word, const std::string& entry) {
  const std::size_t dot = std::min(word.find('.'), word.size());
  const std::string_view first = word.substr(0, dot);
  const std::string_view last = word.substr(std::min(word.rfind('.') + 1, word.size()));
  const bool is_operator = first == "torch" || first == "ops";
  constexpr std::array<std::string_view, 6> kDenied = {"from_file", "save",  "load",
                                                       "open",      "print", "_save_parameters"};
  const bool denied =
      is_operator && std::find(kDenied.begin(), kDenied.end(), last) != kDenied.end();
  if (denied || word == "print") {
    refuse(fmt::format("{} calls {}, which no classifier needs", entry, word));
  }
  if (first != "ops") return;
  const std::string_view rest = word.substr(std::min(dot + 1, word.size()));
  const std::string_view space = rest.substr(0, std::min(rest.find('.'), rest.size()));
  if (space != "prim" && space != "aten") {
    refuse(fmt::format("{} calls {}, an operator that is not LibTorch's own", entry, word));
  }
}

// Names outside of quoted text. `^` begins a call of Python.
void check_code(std::string_view code, const std::string& entry) {
  for (std::size_t at = 0; at < code.size();) {
    const char c = code[at];
    if (c == '"' || c == '\'') {
      for (++at; at < code.size() && code[at] != c; ++at) {
        if (code[at] == '\\') ++at;
      }
      ++at;
    } else if (is_word(c)) {
      std::size_t end = at;
      while (end < code.size() && is_word(code[end])) ++end;
      check_word(code.substr(at, end - at), entry);
      at = end;
    } else {
      if (c == '^') refuse(fmt::format("{} calls Python", entry));
      ++at;
    }
  }
}

void check_contents(const Bytes& file, const Entry& entry) {
  const std::string_view stored = file.at(entry.begin, entry.stored);
  const std::string_view inner = split_folder(entry.name).second;
  std::string unpacked;
  std::string_view contents = stored;
  if (entry.method == kDeflated && is_code(inner)) {
    unpacked = inflated(entry, stored);
    contents = unpacked;
  } else if (entry.method != kStored || entry.size != entry.stored) {
    refuse(fmt::format("{} is compressed, which LibTorch never does", entry.name));
  }
  if (crc_of(contents) != entry.crc) {
    refuse(fmt::format("{} is damaged: its CRC-32 is not what the archive says", entry.name));
  }
  const bool source = is_code(inner) && inner.size() > 3 && inner.substr(inner.size() - 3) == ".py";
  if (source) check_code(contents, entry.name);
}

}  // namespace

base::Result<void> preflight(std::string_view bytes, std::string_view origin) {
  try {
    const Bytes file(bytes);
    const Directory directory = find_directory(file);
    std::vector<Entry> entries = read_entries(file, directory);
    check_names(entries);
    place_entries(file, directory, entries);
    for (const Entry& entry : entries) check_contents(file, entry);
    return {};
  } catch (const Refusal& refusal) {
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("{} is no model file to be opened: {}", origin, refusal.what()));
  }
}

}  // namespace heirloom::arch
