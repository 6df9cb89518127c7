// What Thriftgo's plugins are told and answer: a bare struct in the Binary protocol each way, without a message around it.
//
// Generated with: updraft gen idl/plugin/protocol.thrift -o idl/plugin/gen --runtime ../../../codecs/codegen.ts

/** What kind of thing a type or a definition is. */
enum Category {
  CONSTANT = 0
  BOOL = 1
  I8 = 2
  I16 = 3
  I32 = 4
  I64 = 5
  DOUBLE = 6
  STRING = 7
  BINARY = 8
  MAP = 9
  LIST = 10
  SET = 11
  ENUM = 12
  STRUCT = 13
  UNION = 14
  EXCEPTION = 15
  TYPEDEF = 16
  SERVICE = 17
}

/** What an includer refers to. */
struct AstReference {
  /** The name in the included file. */
  1: string name
  /** Index of the include. */
  2: i32 index
}

/** All values of one key. */
struct AstAnnotation {
  1: string key
  2: list<string> values
}

/** A type as written, resolved. */
struct AstType {
  /** Base type, container, or reference, as written. */
  1: string name
  /** Of a map. */
  2: optional AstType keyType
  /** Of a map, the element of a list or set. */
  3: optional AstType valueType
  4: string cppType
  5: list<AstAnnotation> annotations
  /** With typedefs seen through. */
  6: Category category
  /** Set for a type of an included file. */
  7: optional AstReference reference
  /** True for a typedef, else absent. */
  8: optional bool isTypedef
}

struct AstNamespace {
  1: string language
  2: string name
  3: list<AstAnnotation> annotations
}

struct AstTypedef {
  1: optional AstType type
  2: string alias
  3: list<AstAnnotation> annotations
  /** Comments with their marks, a line break between them. */
  4: string comments
}

struct AstEnumValue {
  1: string name
  2: i64 value
  3: list<AstAnnotation> annotations
  4: string comments
}

struct AstEnum {
  1: string name
  2: list<AstEnumValue> values
  3: list<AstAnnotation> annotations
  4: string comments
}

/** How a value is written. */
enum ConstKind {
  DOUBLE = 0
  INT = 1
  LITERAL = 2
  IDENTIFIER = 3
  LIST = 4
  MAP = 5
}

/** What an identifier in a value means. */
struct AstConstMeaning {
  /** True for a member of an enum. */
  1: bool isEnum
  /** Index of the include it comes from; -1 if none. */
  2: i32 index = -1
  /** The constant or the member. */
  3: string name
  /** The include of a constant, or the enum. */
  4: string selector
}

struct AstConst {
  1: ConstKind kind
  2: optional AstConstValue value
  /** Set for identifiers other than true and false. */
  3: optional AstConstMeaning meaning
}

union AstConstValue {
  1: double number
  2: i64 int
  /** Without its quotes, escapes as they are written, but for those of the quote itself. */
  3: string literal
  4: string identifier
  5: list<AstConst> list
  6: list<AstConstEntry> map
}

struct AstConstEntry {
  1: optional AstConst key
  2: optional AstConst value
}

struct AstConstant {
  1: string name
  2: optional AstType type
  3: optional AstConst value
  4: list<AstAnnotation> annotations
  5: string comments
}

enum Requiredness {
  DEFAULT = 0
  REQUIRED = 1
  OPTIONAL = 2
}

struct AstField {
  1: i32 id
  2: string name
  3: Requiredness requiredness
  4: AstType type
  5: optional AstConst preset
  6: list<AstAnnotation> annotations
  7: string comments
}

struct AstStruct {
  /** struct, union or exception. */
  1: string category
  2: string name
  3: list<AstField> fields
  4: list<AstAnnotation> annotations
  5: string comments
}

struct AstFunction {
  1: string name
  2: bool oneway
  3: bool isVoid
  /** Called void, of category 0, for a function that returns nothing. */
  4: optional AstType returns
  5: list<AstField> arguments
  6: list<AstField> throws
  7: list<AstAnnotation> annotations
  8: string comments
}

struct AstService {
  1: string name
  /** The base as written; empty if there is none. */
  2: string base
  3: list<AstFunction> functions
  4: list<AstAnnotation> annotations
  /** Set for a base of an included file. */
  5: optional AstReference reference
  6: string comments
}

struct AstInclude {
  /** As written. */
  1: string path
  /** The included file. */
  2: optional AstFile reference
  /** True if something refers to it, else absent. */
  3: optional bool used
}

/** A file with everything it includes. */
struct AstFile {
  1: string filename
  2: list<AstInclude> includes
  3: list<string> cppIncludes
  4: list<AstNamespace> namespaces
  5: list<AstTypedef> typedefs
  6: list<AstConstant> constants
  7: list<AstEnum> enums
  8: list<AstStruct> structs
  9: list<AstStruct> unions
  10: list<AstStruct> exceptions
  11: list<AstService> services
  /** What each name is, typedefs not seen through. */
  12: map<string, Category> categories
}

/** What a plugin is told. */
struct PluginRequest {
  /** Version of the compiler. */
  1: required string version
  /** Options of the language, each `key=value`. */
  2: required list<string> generatorParameters
  /** Options of the plugin, each `key=value`. */
  3: required list<string> pluginParameters
  /** The language that is generated. */
  4: required string language
  /** Where files go. */
  5: required string outputPath
  /** True if the included files are to be generated as well. */
  6: required bool recursive
  /** The file that is compiled. */
  7: required AstFile ast
}

/** A file, or a part of one. */
struct PluginContent {
  1: required string content
  /** The file; absent for another part of the last one. */
  2: optional string name
  /** Where the content goes in a file that is there. */
  3: optional string insertionPoint
}

/** What a plugin answers. */
struct PluginResponse {
  /** Why it failed. */
  1: optional string error
  2: optional list<PluginContent> contents
  3: optional list<string> warnings
}
