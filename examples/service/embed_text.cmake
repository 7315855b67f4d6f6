# Writes a source with interfaceText(), which gives the file TEXT. In pieces, as compilers limit one literal's length.
file(READ ${TEXT} rest)
set(pieces "")
string(LENGTH "${rest}" length)
while(length GREATER 0)
  string(SUBSTRING "${rest}" 0 8000 piece)
  string(APPEND pieces "  R\"qbatch(${piece})qbatch\"\n")
  string(LENGTH "${piece}" taken)
  string(SUBSTRING "${rest}" ${taken} -1 rest)
  string(LENGTH "${rest}" length)
endwhile()
file(WRITE ${SOURCE} "#include \"interface_text.hpp\"

namespace service {
std::string_view interfaceText() noexcept {
  return
${pieces};
}
}  // namespace service
")
