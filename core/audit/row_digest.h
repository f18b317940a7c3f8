// The digest of a range of rows of one table (docs/audit-format.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/digest.h"

namespace heirloom::audit {

// A value as SQLite stores it.
struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;
using Row = std::vector<Value>;

// The fields of one row: each value's storage class and the value.
class RowEncoder {
 public:
  void integer(std::int64_t value);
  void real(double value);
  void text(std::string_view value);
  void blob(std::string_view value);
  void null();
  void value(const Value& value);
  const std::string& encoded() const { return fields_.encoded(); }

 private:
  base::FieldEncoder fields_;
};

class RangeDigester {
 public:
  explicit RangeDigester(std::string_view table);
  // In the order of the table's key.
  void add(const RowEncoder& row);
  std::int64_t rows() const { return rows_; }
  base::Digest finish();  // once

 private:
  base::Sha256 hash_;
  std::int64_t rows_ = 0;
};

base::Digest digest_of_rows(std::string_view table, const std::vector<Row>& rows);

}  // namespace heirloom::audit
