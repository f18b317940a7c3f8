#include "core/audit/row_digest.h"

namespace heirloom::audit {
namespace {

// SQLite's storage classes.
constexpr int kInteger = 1;
constexpr int kFloat = 2;
constexpr int kText = 3;
constexpr int kBlob = 4;
constexpr int kNull = 5;

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

void RowEncoder::integer(std::int64_t value) {
  fields_.integer(kInteger).integer(value);
}
void RowEncoder::real(double value) {
  fields_.integer(kFloat).real(value);
}
void RowEncoder::text(std::string_view value) {
  fields_.integer(kText).text(value);
}
void RowEncoder::blob(std::string_view value) {
  fields_.integer(kBlob).text(value);
}
void RowEncoder::null() {
  fields_.integer(kNull).null();
}

void RowEncoder::value(const Value& value) {
  std::visit(
      Overloaded{[&](std::monostate) { null(); }, [&](std::int64_t number) { integer(number); },
                 [&](double number) { real(number); },
                 [&](const std::string& words) { text(words); },
                 [&](const Blob& bytes) { blob(bytes.bytes); }},
      value);
}

RangeDigester::RangeDigester(std::string_view table) {
  hash_.update(base::FieldEncoder().text(table).encoded());
}

void RangeDigester::add(const RowEncoder& row) {
  hash_.update(row.encoded());
  ++rows_;
}

base::Digest RangeDigester::finish() {
  hash_.update(base::FieldEncoder().integer(rows_).encoded());
  return hash_.finish();
}

base::Digest digest_of_rows(std::string_view table, const std::vector<Row>& rows) {
  RangeDigester digester(table);
  for (const Row& row : rows) {
    RowEncoder fields;
    for (const Value& value : row) fields.value(value);
    digester.add(fields);
  }
  return digester.finish();
}

}  // namespace heirloom::audit
