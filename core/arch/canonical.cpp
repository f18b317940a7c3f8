#include "core/arch/canonical.h"

#include <map>
#include <regex>
#include <sstream>
#include <string>

namespace heirloom::arch {
namespace {

void encode_tensor(base::FieldEncoder& out, const torch::Tensor& tensor) {
  const torch::Tensor plain = tensor.detach().cpu().contiguous();
  out.text(c10::toString(plain.scalar_type()));
  out.integer(plain.dim());
  for (const std::int64_t size : plain.sizes()) out.integer(size);
  out.bytes({static_cast<const std::byte*>(plain.data_ptr()), plain.nbytes()});
}

void encode_constants(base::FieldEncoder& out, const torch::jit::Block& block) {
  for (const torch::jit::Node* node : block.nodes()) {
    for (const torch::jit::Symbol name : node->attributeNames()) {
      if (node->kindOf(name) == torch::jit::AttributeKind::t) encode_tensor(out, node->t(name));
      if (node->kindOf(name) == torch::jit::AttributeKind::ts) {
        for (const torch::Tensor& tensor : node->ts(name)) encode_tensor(out, tensor);
      }
    }
    for (const torch::jit::Block* inner : node->blocks()) encode_constants(out, *inner);
  }
}

std::string graph_text(torch::jit::Graph& graph) {
  // Loading a class twice into one process gives it a name with a counter in it.
  static const std::regex mangled("___torch_mangle_[0-9]+\\.?");
  return std::regex_replace(graph.toString(/*print_source_locations=*/false), mangled, "");
}

}  // namespace

base::Digest classifier_id(const torch::jit::Module& module) {
  std::shared_ptr<torch::jit::Graph> graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  graph = torch::jit::Canonicalize(graph, /*keep_unique_names=*/false);

  base::FieldEncoder out;
  out.text("heirloom/classifier/v1").text(graph_text(*graph));
  encode_constants(out, *graph->block());
  std::map<std::string, c10::IValue> attributes;
  for (const auto& attribute : module.named_attributes(/*recurse=*/true)) {
    attributes.emplace(attribute.name, attribute.value);
  }
  for (const auto& [name, value] : attributes) {
    if (value.isModule()) continue;  // its own attributes follow
    out.text(name);
    if (value.isTensor()) {
      encode_tensor(out, value.toTensor());
    } else {
      std::ostringstream text;
      text << value.tagKind() << ' ' << value;
      out.text(text.str());
    }
  }
  return out.sha256();
}

}  // namespace heirloom::arch
