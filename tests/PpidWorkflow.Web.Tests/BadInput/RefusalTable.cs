using System.Net.Http.Headers;
using System.Text;
using static PpidWorkflow.Web.Tests.BadInput.LiveOffice;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>Bad input → status → problem code → Indonesian sentence.</summary>
public static class RefusalTable
{
    private const string Cases = "/api/v1/cases";
    private const string Task1 = "/api/v1/tasks/{task1}";
    private const string Task2 = "/api/v1/tasks/{task2}";
    private const string Task3 = "/api/v1/tasks/{task3}";
    private const string Task5b = "/api/v1/tasks/{task5b}";
    private const string Closed1 = "/api/v1/tasks/{closed1}";

    private const string Unreadable = "Permintaan tidak dapat dibaca";
    private const string WrongType = "Jenis nilai isian ini tidak sesuai";
    private const string NoRoute = "Alamat ini tidak ada";
    private const string NotSignedIn = "Silakan masuk lebih dahulu";

    public static IReadOnlyList<Refusal> Rows { get; } =
    [
        .. Json(), .. Values(), .. Ids(), .. SignIn(), .. LifeCycle(), .. Completion(), .. Supervision(), .. Lists(), .. Routes(),
            .. Calendar(), .. Uploads()
    ];

    private static IEnumerable<Refusal> Json() =>
    [
        Create("cut-off JSON", """{"title":"{canary}" """, 400, "malformed-request", Unreadable),
        Create("no JSON at all", "judul={canary}", 400, "malformed-request", Unreadable),
        Create("a list for an object", """["{canary}"]""", 400, "malformed-request", Unreadable),
        Create("null for an object", "null", 400, "malformed-request", Unreadable),
        Create("two objects", "{} {}", 400, "malformed-request", Unreadable),
        Create("a comment in JSON", """{"title":"x" /* {canary} */}""", 400, "malformed-request", Unreadable),
        Create("a NUL character", """{"title":"{canary}\u0000"}""", 400, "malformed-request", Unreadable),
        Create("a bare control character", "{\"title\":\"{canary}\u0007\"}", 400, "malformed-request", Unreadable),
        Create("the same property twice", """{"title":"{canary}","title":"b"}""", 400, "malformed-request", Unreadable),
        Create("the same definition twice", """{"definitionId":"a","definitionId":"b"}""", 400, "malformed-request", Unreadable),
        Create("10,000 deep lists", $$"""{"title":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""", 400, "malformed-request",
            Unreadable),
        Create("10,000 deep objects", string.Concat(Enumerable.Repeat("{\"title\":", 10_000)) + "1" + new string('}', 10_000), 400,
            "malformed-request", Unreadable),
        Create("half a character", """{"title":"\ud800"}""", 422, "wrong-type", WrongType, "title"),
        Create("half a character in a name", """{"\ud800":"x"}""", 400, "malformed-request", Unreadable),
        Create("2 MB", $$"""{"title":"{{new string('x', 2_000_000)}}"}""", 413, "body-too-large", "terlalu besar"),
        Create("2 MB of unknown length", null, 413, "body-too-large", "terlalu besar") with
        {
            Content = _ => new UnknownLength(new byte[2_000_000], "application/json")
        },
        Create("bytes that are no UTF-8", null, 422, "wrong-type", WrongType, "title") with
        {
            Content = _ => Bytes([.. "{\"title\":\""u8, 0xC3, 0x28, .. "\"}"u8])
        },
        Act("same property in other letters", InformationHead, Task1 + "/start", """{"revision":{rev1},"Revision":2}""", 422, "wrong-type",
            WrongType, "Revision"),
        Act("half a character in a comment", InformationHead, Task1 + "/comments", """{"text":"\udc00"}""", 422, "wrong-type", WrongType,
            "text"),
        Act("an act without JSON", InformationHead, Task1 + "/start", "mulai", 400, "malformed-request", Unreadable)
    ];

    private static IEnumerable<Refusal> Values() =>
    [
        Create("nothing said", null, 422, "input-required", "wajib diisi", "title"),
        Create("no title", With("title", null), 422, "input-required", "Judul informasi wajib diisi", "title"),
        Create("a title of blanks", With("title", "\"   \""), 422, "input-required", "Judul informasi wajib diisi", "title"),
        Create("a number for a title", With("title", "3"), 422, "input-wrong-type", "jenis nilainya tidak sesuai", "title"),
        Create("true for a title", With("title", "true"), 422, "input-wrong-type", "jenis nilainya tidak sesuai", "title"),
        Create("an object for a title", With("title", """{"a":"{canary}"}"""), 422, "wrong-type", WrongType, "title"),
        Create("a list for a title", With("title", """["{canary}"]"""), 422, "wrong-type", WrongType, "title"),
        Create("a title too long", With("title", $"\"{new string('x', 301)}\""), 422, "input-too-long", "paling banyak 300 karakter",
            "title"),
        Create("a title of 900 kB", With("title", $"\"{new string('x', 900_000)}\""), 422, "input-too-long", "paling banyak 300 karakter",
            "title"),
        Create("a bell in the title", With("title", "\"{canary}\\u0007\""), 422, "input-wrong-format", "bentuknya tidak sesuai", "title"),
        Create("a line break in the title", With("title", "\"{canary}\\nX\""), 422, "input-wrong-format", "bentuknya tidak sesuai",
            "title"),
        Create("no basis", With("exemptionBasis", null), 422, "input-required", "wajib diisi", "exemptionBasis"),
        Create("a basis beyond j", With("exemptionBasis", "\"k\""), 422, "input-not-in-list", "pilih salah satu nilai dalam daftar",
            "exemptionBasis"),
        Create("a basis in capitals", With("exemptionBasis", "\"J\""), 422, "input-not-in-list", "pilih salah satu nilai dalam daftar",
            "exemptionBasis"),
        Create("two bases", With("exemptionBasis", "\"ab\""), 422, "input-too-long", "paling banyak 1 karakter", "exemptionBasis"),
        Create("no determination", With("determinationNumber", null), 422, "input-required", "Nomor surat penetapan wajib diisi",
            "determinationNumber"),
        Create("a determination of signs", With("determinationNumber", "\"<script>\""), 422, "input-wrong-format",
            "Tulis nomor sebagaimana tercetak", "determinationNumber"),
        Create("a determination too long", With("determinationNumber", $"\"{new string('1', 101)}\""), 422, "input-too-long",
            "paling banyak 100", "determinationNumber"),
        Create("no such day", With("determinationDate", "\"2026-02-30\""), 422, "input-not-a-date", "isi tanggal", "determinationDate"),
        Create("a date the other way round", With("determinationDate", "\"05/01/2026\""), 422, "input-not-a-date", "isi tanggal",
            "determinationDate"),
        Create("a date with a time", With("determinationDate", "\"2026-01-05T00:00:00\""), 422, "input-not-a-date", "isi tanggal",
            "determinationDate"),
        Create("a date to come", With("determinationDate", "\"2999-01-05\""), 422, "input-date-in-future", "tidak boleh sesudah hari ini",
            "determinationDate"),
        Create("a number for a date", With("determinationDate", "20260105"), 422, "input-wrong-type", "jenis nilainya tidak sesuai",
            "determinationDate"),
        Create("an item too long", With("determinationItem", $"\"{new string('1', 51)}\""), 422, "input-too-long", "paling banyak 50",
            "determinationItem"),
        Create("a field that nobody declared", With("rahasia", "\"{canary}\""), 422, "field-unknown", "Isian ini tidak dikenal", "rahasia"),
        Create("an unknown SOP", With("definitionId", "\"tidak-ada\""), 422, "definition-not-found", "Definisi SOP tidak ditemukan",
            "definitionId"),
        Create("a number for the SOP", With("definitionId", "7"), 422, "wrong-type", WrongType, "definitionId"),
        Create("a determination registered before", With("determinationNumber", "\"188.44/Terdaftar/2026\""), 409,
            "determination-already-registered", "sudah didaftarkan"),
        Create("a determination registered before, in other letters", With("determinationNumber", "\"188.44/TERDAFTAR/2026\""), 409,
            "determination-already-registered", "sudah didaftarkan"),
        Create("a case by who may not open one", With("determinationNumber", "\"1/2\""), 403, "role-cannot-start-case",
            "bukan pemegang peran langkah pertama")
            with { As = InformationOfficer }
    ];

    private static IEnumerable<Refusal> Ids() =>
    [
        Get("an unknown case", UnitHead, Cases + "/{unknown}", 404, "case-not-found", "tidak ditemukan"),
        Get("an unknown task", UnitHead, "/api/v1/tasks/{unknown}", 404, "task-not-found", "Tugas tidak ditemukan"),
        Get("an unknown file", UnitHead, "/api/v1/files/{unknown}", 404, "file-not-found", "tidak ditemukan"),
        Act("an act on an unknown task", InformationHead, "/api/v1/tasks/{unknown}/start", """{"revision":1}""", 404, "task-not-found",
            "Tugas tidak ditemukan"),
        Get("a case id that is none", UnitHead, Cases + "/PPID-2026-0001", 404, "route-not-found", NoRoute),
        Get("a task id that is none", UnitHead, "/api/v1/tasks/1", 404, "route-not-found", NoRoute),
        Get("a file id that climbs", UnitHead, "/api/v1/files/..%2F..%2Fppid.db", 404, "route-not-found", NoRoute),
        Get("a case id of 4,000 characters", UnitHead, Cases + "/" + new string('a', 4_000), 404, "route-not-found", NoRoute),
        Act("an act on a task id that is none", InformationHead, "/api/v1/tasks/satu/start", """{"revision":1}""", 404, "route-not-found",
            NoRoute),
        Get("somebody else's case", DocumentationOfficer, Cases + "/{case1}", 404, "case-not-found", "tidak boleh Bapak/Ibu lihat"),
        Get("a case for the keeper of SOPs", "pengelola.sop", Cases + "/{case1}", 404, "case-not-found", "tidak boleh Bapak/Ibu lihat"),
        Get("a case for the administrator", "admin", Cases + "/{case1}", 404, "case-not-found", "tidak boleh Bapak/Ibu lihat"),
        Get("somebody else's task", DocumentationOfficer, Task1, 404, "task-not-found", "Tugas tidak ditemukan"),
        Act("an act on somebody else's task", DocumentationOfficer, Task1 + "/start", """{"revision":{rev1}}""", 404, "task-not-found",
            "Tugas tidak ditemukan"),
        Get("somebody else's file", DocumentationOfficer, "/api/v1/files/{file}", 404, "file-not-found", "tidak boleh Bapak/Ibu lihat")
    ];

    private static IEnumerable<Refusal> SignIn() =>
    [
        Get("no token", null, Cases, 401, "unauthenticated", NotSignedIn),
        Get("a garbage token", null, Cases, 401, "unauthenticated", NotSignedIn) with { Header = ("Authorization", "Bearer omong-kosong") },
        Get("an empty token", null, Cases, 401, "unauthenticated", NotSignedIn) with { Header = ("Authorization", "Bearer ") },
        Get("a password for a token", null, Cases, 401, "unauthenticated", NotSignedIn)
            with { Header = ("Authorization", "Basic YWRtaW46YWRtaW4=") },
        Get("a token of yesterday", null, Cases, 401, "unauthenticated", NotSignedIn)
            with { Header = ("Authorization", "Bearer {expired}") },
        Act("a change without a token", null, Task1 + "/start", """{"revision":{rev1}}""", 401, "unauthenticated", NotSignedIn),
        Token("nobody's name", """{"userName":"tidak.ada","password":"{canary}"}""", 401, "sign-in-failed", "tidak cocok"),
        Token("no name", """{"password":"{canary}"}""", 422, "field-required", "wajib diisi", "userName"),
        Token("no password", """{"userName":"admin"}""", 422, "field-required", "wajib diisi", "password"),
        Token("a number for a password", """{"userName":"admin","password":1}""", 422, "wrong-type", WrongType, "password"),
        Token("a name of 900 kB", $$"""{"userName":"{{new string('x', 900_000)}}","password":"x"}""", 401, "sign-in-failed", "tidak cocok"),
        Token("a password of 900 kB", $$"""{"userName":"tidak.ada","password":"{{new string('x', 900_000)}}"}""", 401, "sign-in-failed",
            "tidak cocok"),
        Token("no JSON to sign in with", "admin", 400, "malformed-request", Unreadable)
    ];

    private static IEnumerable<Refusal> LifeCycle() =>
    [
        Act("no revision", InformationHead, Task1 + "/start", "{}", 422, "revision-required", "Sertakan revision", "revision"),
        Act("no body", InformationHead, Task1 + "/start", null, 422, "revision-required", "Sertakan revision", "revision"),
        Act("null for a revision", InformationHead, Task1 + "/start", """{"revision":null}""", 422, "revision-required",
            "Sertakan revision", "revision"),
        Act("text for a revision", InformationHead, Task1 + "/start", """{"revision":"1"}""", 422, "wrong-type", WrongType, "revision"),
        Act("a revision beyond 32 bits", InformationHead, Task1 + "/start", """{"revision":99999999999}""", 422, "wrong-type", WrongType,
            "revision"),
        Act("a stale revision", InformationHead, Task1 + "/start", """{"revision":-1}""", 409, "stale-revision", "sudah diubah orang lain"),
        Act("a revision to come", InformationHead, Task1 + "/complete", """{"revision":99,"assignTo":"petugas.informasi"}""", 409,
            "stale-revision", "Muat ulang"),
        Act("a start of what is closed", InformationHead, Closed1 + "/start", """{"revision":{revClosed1}}""", 409, "task-closed",
            "sudah selesai atau ditutup"),
        Act("a second completion", InformationHead, Closed1 + "/complete", """{"revision":{revClosed1},"assignTo":"petugas.informasi"}""",
            409,
            "task-closed", "sudah selesai atau ditutup"),
        Act("a start by the wrong person", UnitHead, Task1 + "/start", """{"revision":{rev1}}""", 403, "not-your-task",
            "dipegang petugas lain"),
        Act("a completion by the wrong person", InformationHead, Task2 + "/complete", """{"revision":{rev2}}""", 403, "not-your-task",
            "dipegang petugas lain"),
        Act("a claim of what is taken", InformationHead, Task1 + "/claim", """{"revision":{rev1}}""", 409, "already-claimed",
            "sudah diambil"),
        Act("a release by the wrong person", UnitHead, Task1 + "/release", """{"revision":{rev1}}""", 403, "not-your-task",
            "dipegang petugas lain"),
        Act("a release to nobody", InformationOfficer, Task2 + "/release", """{"revision":{rev2}}""", 409, "release-not-possible",
            "tidak dapat dilepas"),
        Act("a return without a reason", InformationOfficer, Task2 + "/return", """{"revision":{rev2}}""", 422, "reason-required",
            "Tulis alasannya", "reason"),
        Act("a return with a blank reason", InformationOfficer, Task2 + "/return", """{"revision":{rev2},"reason":" \n "}""", 422,
            "reason-required", "Tulis alasannya", "reason"),
        Act("a return with too long a reason", InformationOfficer, Task2 + "/return",
            $$"""{"revision":{rev2},"reason":"{{new string('x', 2001)}}"}""", 422,
            "reason-too-long", "paling banyak 2000 karakter", "reason"),
        Act("a number for a reason", InformationOfficer, Task2 + "/return", """{"revision":{rev2},"reason":5}""", 422, "wrong-type",
            WrongType, "reason"),
        Act("a return of the first step", InformationHead, Task1 + "/return", """{"revision":{rev1},"reason":"{canary}"}""", 409,
            "return-not-possible", "tidak dapat dikembalikan"),
        Act("a return of what nobody handed over", InformationOfficer, Task3 + "/return", """{"revision":{rev3},"reason":"{canary}"}""",
            409,
            "return-not-possible", "tidak dapat dikembalikan"),
        Act("a take-back of what went on", InformationHead, Closed1 + "/take-back", """{"revision":{revClosed1}}""", 409,
            "take-back-not-possible", "tidak dapat ditarik kembali"),
        Act("a take-back by the wrong person", UnitHead, Closed1 + "/take-back", """{"revision":{revClosed1}}""", 403, "not-your-task",
            "dipegang petugas lain"),
        Act("a take-back of what is open", InformationHead, Task1 + "/take-back", """{"revision":{rev1}}""", 403, "not-your-task",
            "dipegang petugas lain"),
        Act("a key used for another body", InformationHead, Task1 + "/comments", """{"text":"lain"}""", 422,
            "idempotency-key-reused", "sudah dipakai untuk permintaan dengan isi lain", "Idempotency-Key")
                with { Header = ("Idempotency-Key", "kunci-1") },
        Act("too long a key", InformationHead, Task1 + "/comments", """{"text":"x"}""", 422, "idempotency-key-invalid", "1 sampai 100",
            "Idempotency-Key")
            with { Header = ("Idempotency-Key", new string('k', 101)) },
        Act("an empty key", InformationHead, Task1 + "/comments", """{"text":"x"}""", 422, "idempotency-key-invalid", "1 sampai 100",
            "Idempotency-Key")
            with { Header = ("Idempotency-Key", "") },
        Act("a comment without words", InformationHead, Task1 + "/comments", """{"text":"  "}""", 422, "text-required", "Tulis isinya",
            "text"),
        Act("too long a comment", InformationHead, Task1 + "/comments", $$"""{"text":"{{new string('x', 2001)}}"}""", 422, "text-too-long",
            "2000 karakter", "text"),
        Act("an object for a comment", InformationHead, Task1 + "/comments", """{"text":{}}""", 422, "wrong-type", WrongType, "text"),
        Act("a comment by an auditor", "auditor", Task1 + "/comments", """{"text":"{canary}"}""", 403, "forbidden", "tidak berwenang")
    ];

    private static IEnumerable<Refusal> Completion() =>
    [
        Complete1("nobody chosen", "", "assign-to-required", "Pilih petugas", "assignTo"),
        Complete1("an officer of another role", ""","assignTo":"petugas.dokumentasi" """, "assign-to-not-assignable",
            "tidak dapat ditugaskan", "assignTo"),
        Complete1("an officer whom nobody knows", ""","assignTo":"{canary}" """, "assign-to-not-assignable", "tidak dapat ditugaskan",
            "assignTo"),
        Complete1("a list of officers", ""","assignTo":["petugas.informasi"]""", "wrong-type", WrongType, "assignTo"),
        Complete1("an unknown outcome", ""","assignTo":"petugas.informasi","outcome":"Beres" """, "outcome-unknown", "tidak dikenal",
            "outcome"),
        Complete1("too long a note", $$""","assignTo":"petugas.informasi","note":"{{new string('x', 2001)}}" """, "note-too-long",
            "paling banyak 2000", "note"),
        Complete1("too long an excuse", $$""","assignTo":"petugas.informasi","delayReason":"{{new string('x', 501)}}" """,
            "reason-too-long", "paling banyak 500", "delayReason"),
        Complete1("paper where none is asked for",
            ""","assignTo":"petugas.informasi","fields":{"hardcopyItems":[{"description":"{canary}","quantity":1}]}""",
            "field-not-wanted", "tidak diminta", "fields.hardcopyItems"),
        Complete1("a place where none is asked for", ""","assignTo":"petugas.informasi","fields":{"location":{"box":"{canary}"}}""",
            "field-not-wanted", "tidak diminta", "fields.location"),
        Complete1("text for fields", ""","assignTo":"petugas.informasi","fields":"{canary}" """, "wrong-type", WrongType, "fields"),

        Complete2("no medium", "[]", "medium-required", "sekurangnya satu media", "fields.hardcopyItems"),
        Complete2("null for a paper", "[null]", "hardcopy-description-required", "nomor 1: uraian wajib diisi",
            "fields.hardcopyItems[0].description"),
        Complete2("a paper without words", """[{"description":"ok","quantity":1},{"description":" ","quantity":1}]""",
            "hardcopy-description-required",
            "nomor 2: uraian wajib diisi", "fields.hardcopyItems[1].description"),
        Complete2("no papers of a kind", """[{"description":"{canary}","quantity":0}]""", "hardcopy-quantity-invalid",
            "jumlah harus 1 sampai 9999",
            "fields.hardcopyItems[0].quantity"),
        Complete2("too many of a kind", """[{"description":"{canary}","quantity":10000}]""", "hardcopy-quantity-invalid",
            "jumlah harus 1 sampai 9999",
            "fields.hardcopyItems[0].quantity"),
        Complete2("a paper not counted", """[{"description":"{canary}"}]""", "hardcopy-quantity-invalid", "nomor 1: jumlah",
            "fields.hardcopyItems[0].quantity"),
        Complete2("a count in words", """[{"description":"{canary}","quantity":"dua"}]""", "wrong-type", WrongType,
            "fields.hardcopyItems[0].quantity"),
        Complete2("half a paper", """[{"description":"{canary}","quantity":1.5}]""", "wrong-type", WrongType,
            "fields.hardcopyItems[0].quantity"),
        Complete2("too many words on a paper", $$"""[{"description":"{{new string('x', 501)}}","quantity":1}]""", "text-too-long",
            "paling banyak 500",
            "fields.hardcopyItems[0].description"),
        Complete2("too long a status", $$"""[{"description":"x","quantity":1,"copyStatus":"{{new string('x', 41)}}"}]""", "text-too-long",
            "paling banyak 40",
            "fields.hardcopyItems[0].copyStatus"),
        Complete2("too many papers", $"[{string.Join(',', Enumerable.Repeat("""{"description":"x","quantity":1}""", 201))}]",
            "too-many-items",
            "paling banyak 200", "fields.hardcopyItems"),
        Complete2("an object for papers", "{}", "wrong-type", WrongType, "fields.hardcopyItems"),

        Complete5("nothing recorded", "{}", "files-required", "Berkas softcopy belum diunggah", "files"),
        Complete5("no place", """{"missingMedia":[{"medium":"softcopy","reason":"x"}]}""", "location-required", "Isi lokasi simpan",
            "fields.location"),
        Complete5("a place of blanks", """{"location":{"box":"  "},"missingMedia":[{"medium":"softcopy","reason":"x"}]}""",
            "location-required",
            "Isi lokasi simpan", "fields.location"),
        Complete5("an unknown medium", """{"missingMedia":[{"medium":"mikrofilm","reason":"{canary}"}]}""", "missing-medium-unknown",
            "softcopy atau hardcopy",
            "fields.missingMedia[0].medium"),
        Complete5("null for a medium", """{"missingMedia":[null]}""", "missing-medium-unknown", "softcopy atau hardcopy",
            "fields.missingMedia[0].medium"),
        Complete5("no reason for what is missing", """{"location":{"box":"A"},"missingMedia":[{"medium":"softcopy","reason":""}]}""",
            "missing-medium-reason-required", "Jelaskan mengapa", "fields.missingMedia[0].reason"),
        Complete5("too long a reason for what is missing",
            $$"""{"missingMedia":[{"medium":"softcopy","reason":"{{new string('x', 501)}}"}]}""",
            "reason-too-long", "paling banyak 500", "fields.missingMedia[0].reason"),
        Complete5("a place and its absence",
            """{"location":{"box":"A"},"missingMedia":[{"medium":"softcopy","reason":"x"},{"medium":"hardcopy","reason":"x"}]}""",
            "medium-not-missing", "jangan nyatakan tidak ada", "fields.missingMedia"),
        Complete5("both media missing", """{"missingMedia":[{"medium":"softcopy","reason":"x"},{"medium":"hardcopy","reason":"x"}]}""",
            "medium-required",
            "sekurangnya satu media", "fields.missingMedia"),
        Complete5("too long a name of a building",
            $$"""{"location":{"building":"{{new string('x', 101)}}"},"missingMedia":[{"medium":"softcopy","reason":"x"}]}""",
            "text-too-long", "paling banyak 100", "fields.location.building"),
        Complete5("a number for a shelf", """{"location":{"shelf":3}}""", "wrong-type", WrongType, "fields.location.shelf"),
        Act("somebody chosen where nobody is", DocumentationOfficer, Task5b + "/complete", """{"revision":{rev5b},"assignTo":"admin"}""",
            422,
            "field-not-wanted", "tidak diminta", "assignTo"),
        Act("files that went with nothing", InformationOfficer, Task3 + "/complete",
            """{"revision":{rev3},"fields":{"missingMedia":[{"medium":"softcopy","reason":"x"}]}}""",
            422, "field-not-wanted", "tidak diminta", "fields.missingMedia")
    ];

    private static IEnumerable<Refusal> Supervision() =>
    [
        Act("a pause by who does not supervise", InformationHead, Task1 + "/pause", """{"revision":{rev1},"reason":"{canary}"}""", 403,
            "not-supervisor", "Hanya atasan"),
        Act("a pause without a reason", UnitHead, Task1 + "/pause", """{"revision":{rev1}}""", 422, "reason-required", "Tulis alasannya",
            "reason"),
        Act("a pause with too long a reason", UnitHead, Task1 + "/pause", $$"""{"revision":{rev1},"reason":"{{new string('x', 501)}}"}""",
            422,
            "reason-too-long", "paling banyak 500", "reason"),
        Act("a resumption of what runs", UnitHead, Task1 + "/resume", """{"revision":{rev1}}""", 409, "not-paused", "tidak sedang dijeda"),
        Act("a reassignment to nobody", UnitHead, Task1 + "/reassign", """{"revision":{rev1}}""", 422, "assign-to-required",
            "Pilih petugas", "assignTo"),
        Act("a reassignment to another role", UnitHead, Task1 + "/reassign", """{"revision":{rev1},"assignTo":"admin"}""", 422,
            "assign-to-not-assignable", "tidak dapat ditugaskan", "assignTo"),
        Act("a reassignment by the holder", InformationOfficer, Task2 + "/reassign",
            """{"revision":{rev2},"assignTo":"petugas.informasi"}""", 403,
            "not-supervisor", "Hanya atasan")
    ];

    private static IEnumerable<Refusal> Lists() =>
    [
        .. from list in (string[])["/api/v1/tasks", Cases]
           from size in (string[])["0", "201", "abc", "-1", "99999999999", "1.5", ""]
           select Get($"{list} by pages of '{size}'", UnitHead, $"{list}?pageSize={size}", 422, "page-size-invalid",
                "bilangan 1 sampai 200",
               "pageSize"),
        .. from list in (string[])["/api/v1/tasks", Cases]
           from cursor in (string[])["omong-kosong", "!!!", "MTIzfGFiYw", "%00",
               Convert.ToBase64String("99999999999999999999|0"u8).TrimEnd('=')]
           select Get($"{list} after '{cursor}'", UnitHead, $"{list}?after={cursor}", 422, "cursor-invalid", "Penunjuk halaman", "after"),
        Get("an unknown state of tasks", UnitHead, "/api/v1/tasks?state=rahasia", 422, "unknown-state-filter", "Pilihan: open", "state"),
        Get("an unknown state of cases", UnitHead, Cases + "?state=rahasia", 422, "unknown-state-filter", "Pilihan: running", "state"),
        Get("a state in capitals", UnitHead, Cases + "?state=RUNNING", 422, "unknown-state-filter", "Pilihan: running", "state"),
        Get("a number for a state", UnitHead, Cases + "?state=0", 422, "unknown-state-filter", "Pilihan: running", "state"),
        Get("perhaps mine", UnitHead, "/api/v1/tasks?mine=mungkin", 422, "wrong-type", WrongType, "mine")
    ];

    private static IEnumerable<Refusal> Routes() =>
    [
        Get("an unknown route", UnitHead, "/api/v1/rahasia", 404, "route-not-found", NoRoute),
        Get("an unknown version", UnitHead, "/api/v9/cases", 404, "route-not-found", NoRoute),
        Act("an unknown act", InformationHead, Task1 + "/delete", "{}", 405, "method-not-allowed", "Metode HTTP ini tidak tersedia"),
        new("a case to be deleted", UnitHead, "DELETE", Cases + "/{case1}", null, 405, "method-not-allowed",
            "Metode HTTP ini tidak tersedia"),
        new("a list to be replaced", UnitHead, "PUT", Cases, "{}", 405, "method-not-allowed", "Metode HTTP ini tidak tersedia"),
        new("a method that is none", UnitHead, "OMONG", Cases, null, 405, "method-not-allowed", "Metode HTTP ini tidak tersedia"),
        Create("plain text for JSON", "{}", 415, "unsupported-media-type", "kirim application/json") with { MediaType = "text/plain" },
        Create("a form for JSON", "title={canary}", 415, "unsupported-media-type", "kirim application/json")
            with { MediaType = "application/x-www-form-urlencoded" },
        Act("XML for an act", InformationHead, Task1 + "/start", "<revision>1</revision>", 415, "unsupported-media-type",
            "kirim application/json")
            with { MediaType = "application/xml" },
        Act("JSON for a file", InformationOfficer, Task2 + "/files", "{}", 415, "unsupported-media-type", "multipart/form-data")
    ];

    private static IEnumerable<Refusal> Calendar() =>
    [
        .. from minutes in (string[])["-1", "NaN", "Infinity", "-Infinity", "1000001", "1e9", "abc", "", "99999999999999999999", "0x10"]
           select Get($"{minutes} minutes", UnitHead, $"/api/v1/calendar/due?receivedAt=2026-03-02T08:00:00Z&minutes={minutes}", 422,
               "minutes-invalid", "menit kerja 0 sampai 1000000", "minutes"),
        .. from instant in (string[])["kemarin", "", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1999-12-31T00:00:00Z",
            "2201-01-01T00:00:00Z", "2026-02-30T08:00:00Z"]
           select Get($"received '{instant}'", UnitHead, $"/api/v1/calendar/due?receivedAt={instant}&minutes=5", 422, "instant-invalid",
               "Isi waktu dengan zona", "receivedAt"),
        Get("no minutes", UnitHead, "/api/v1/calendar/due?receivedAt=2026-03-02T08:00:00Z", 422, "minutes-invalid", "menit kerja",
            "minutes"),
        Get("no instant", UnitHead, "/api/v1/calendar/due?minutes=5", 422, "instant-invalid", "Isi waktu dengan zona", "receivedAt")
    ];

    private static IEnumerable<Refusal> Uploads() =>
    [
        Upload("an empty file", File("a.pdf", 0), 422, "file-empty", "Berkas kosong", "file"),
        Upload("a file of 1 MB and a byte", File("a.pdf", 1024 * 1024 + 1), 413, "file-too-large", "paling besar 1 MB", "file"),
        Upload("a file of 12 MB", File("a.pdf", 12 * 1024 * 1024), 413, "file-too-large", "paling besar 1 MB", "file"),
        Upload("a name that climbs", File("../../etc/passwd", 9), 422, "file-name-invalid", "tanpa garis miring", "file"),
        Upload("a name from a Windows disk", File("""C:\x\y.pdf""", 9), 422, "file-name-invalid", "tanpa garis miring", "file"),
        Upload("a name from the root", File("/etc/passwd", 9), 422, "file-name-invalid", "tanpa garis miring", "file"),
        Upload("a name of two dots", File("..", 9), 422, "file-name-invalid", "Nama berkas tidak dapat dipakai", "file"),
        Upload("a name with a NUL", Raw("form-data; name=\"file\"; filename*=UTF-8''KENARI-RAHASIA-4417%00.pdf"), 422, "file-name-invalid",
            "Nama berkas", "file"),
        Upload("a name with a line break", Raw("form-data; name=\"file\"; filename*=UTF-8''a%0D%0Ab.pdf"), 422, "file-name-invalid",
            "Nama berkas", "file"),
        Upload("a climbing name, encoded", Raw("form-data; name=\"file\"; filename*=UTF-8''..%2F..%2Fpasswd"), 422, "file-name-invalid",
            "tanpa garis miring", "file"),
        Upload("a name of 256 characters", File(new string('n', 252) + ".pdf", 9), 422, "file-name-invalid", "paling banyak 255", "file"),
        Upload("a part without a name", Raw("form-data; name=\"file\""), 422, "file-name-required", "Pilih berkas", "file"),
        Upload("an empty name", Raw("form-data; name=\"file\"; filename=\"\""), 422, "file-name-required", "Pilih berkas", "file"),
        Upload("no part of that name", Raw("form-data; name=\"berkas\"; filename=\"a.pdf\""), 422, "file-name-required", "Pilih berkas",
            "file"),
        Upload("no part at all", Multipart("--batas--\r\n"), 422, "file-name-required", "Pilih berkas", "file"),
        Upload("a part without headers", Multipart("--batas\r\n\r\nKENARI-RAHASIA-4417\r\n--batas--\r\n"), 422, "file-name-required",
            "Pilih berkas", "file"),
        Upload("two files", Multipart($"{Part("a.pdf")}{Part("b.pdf")}--batas--\r\n"), 422, "one-file-only", "satu berkas", "file"),
        Upload("a body that ends within the file", Multipart(Part("a.pdf")[..^4]), 400, "malformed-request", Unreadable),
        Upload("a body that ends before the last boundary", Multipart(Part("a.pdf")), 400, "malformed-request", Unreadable),
        Upload("a body without any boundary", Multipart(Canary), 400, "malformed-request", Unreadable),
        Upload("headers without end", Multipart("--batas\r\nX: " + new string('x', 20_000) + "\r\n\r\n"), 400, "malformed-request",
            Unreadable),
        Upload("no boundary named", _ => Bytes("x"u8.ToArray(), "multipart/form-data"), 400, "malformed-request", Unreadable),
        Upload("too long a boundary", _ => Bytes("x"u8.ToArray(), $"multipart/form-data; boundary={new string('b', 101)}"), 400,
            "malformed-request", Unreadable),
        Upload("a file for a foreign one", File("a.pdf", 9), 422, "file-not-replaceable", "tidak ada dalam tugas ini", "replaces",
            "?replaces={file}"),
        Upload("a file for an unknown one", File("a.pdf", 9), 422, "file-not-replaceable", "tidak ada dalam tugas ini", "replaces",
            "?replaces={unknown}"),
        Upload("a file for no id", File("a.pdf", 9), 422, "file-not-replaceable", "tidak ada dalam tugas ini", "replaces",
            "?replaces=satu"),
        Upload("a file to an unknown task", File("a.pdf", 9), 404, "task-not-found", "Tugas tidak ditemukan")
            with { Path = "/api/v1/tasks/{unknown}/files" },
        Upload("a file to somebody else's task", File("a.pdf", 9), 404, "task-not-found", "Tugas tidak ditemukan")
            with { As = DocumentationOfficer },
        Upload("a file by the wrong person", File("a.pdf", 9), 403, "not-your-task", "dipegang petugas lain") with { As = UnitHead },
        Upload("a file to a step that takes none", File("a.pdf", 9), 409, "upload-not-possible", "tidak menerima berkas")
            with { Path = Task3 + "/files" },
        Upload("a file to a closed task", File("a.pdf", 9), 409, "task-closed", "sudah selesai")
            with { Path = Closed1 + "/files", As = InformationHead },
        Upload("a file without a token", File("a.pdf", 9), 401, "unauthenticated", NotSignedIn) with { As = null }
    ];

    private static Refusal Create(string name, string? body, int status, string code, string sentence, string? field = null) =>
        new(name, InformationHead, "POST", Cases, body, status, code, sentence, field);

    private static Refusal Act(string name, string? by, string path, string? body, int status, string code, string sentence,
        string? field = null) =>
        new(name, by, "POST", path, body, status, code, sentence, field);

    private static Refusal Get(string name, string? by, string path, int status, string code, string sentence, string? field = null) =>
        new(name, by, "GET", path, null, status, code, sentence, field);

    private static Refusal Token(string name, string body, int status, string code, string sentence, string? field = null) =>
        new(name, null, "POST", "/api/v1/auth/token", body, status, code, sentence, field);

    private static Refusal Complete1(string name, string more, string code, string sentence, string field) =>
        Act(name, InformationHead, Task1 + "/complete", $$"""{"revision":{rev1}{{more}}}""", 422, code, sentence, field);

    private static Refusal Complete2(string name, string items, string code, string sentence, string field) =>
        Act(name, InformationOfficer, Task2 + "/complete", $$"""{"revision":{rev2},"fields":{"hardcopyItems":{{items}} } }""", 422, code,
            sentence, field);

    private static Refusal Complete5(string name, string fields, string code, string sentence, string field) =>
        Act(name, DocumentationOfficer, Task5b + "/complete", $$"""{"revision":{rev5b},"fields":{{fields}}}""", 422, code, sentence, field);

    private static Refusal Upload(
        string name, Func<RefusalOffice, HttpContent> content, int status, string code, string sentence, string? field = null,
            string query = "") =>
        new(name, InformationOfficer, "POST", Task2 + "/files" + query, null, status, code, sentence, field) { Content = content };

    // A case as it should be, but for one property (JSON; null: left out).
    private static string With(string property, string? value)
    {
        var inputs = new Dictionary<string, string?>
        {
            ["title"] = "\"Laporan {canary}\"",
            ["exemptionBasis"] = "\"j\"",
            ["determinationNumber"] = "\"{determination}\"",
            ["determinationDate"] = "\"2026-01-05\"",
            [property] = value
        };
        return $"{{{string.Join(',', inputs.Where(i => i.Value is not null).Select(i => $"\"{i.Key}\":{i.Value}"))}}}";
    }

    private static Func<RefusalOffice, HttpContent> File(string name, int length) => _ =>
        new MultipartFormDataContent("batas") { { new ByteArrayContent(Content(length)), "file", name } };

    private static byte[] Content(int length)
    {
        var content = new byte[length];
        Encoding.ASCII.GetBytes(Canary)[..Math.Min(length, Canary.Length)].CopyTo(content, 0);
        return content;
    }

    private static string Part(string name) =>
        $"--batas\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{Canary}\r\n";

    private static Func<RefusalOffice, HttpContent> Raw(string disposition) =>
        Multipart($"--batas\r\nContent-Disposition: {disposition}\r\n\r\n{Canary}\r\n--batas--\r\n");

    private static Func<RefusalOffice,
        HttpContent> Multipart(string body) => _ => Bytes(Encoding.UTF8.GetBytes(body), "multipart/form-data; boundary=batas");

    private static ByteArrayContent Bytes(byte[] bytes, string type = "application/json") =>
        new(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    /// <summary>Sent in chunks, its length untold.</summary>
    private sealed class UnknownLength : HttpContent
    {
        private readonly byte[] _bytes;

        public UnknownLength(byte[] bytes, string type)
        {
            _bytes = bytes;
            Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            await stream.WriteAsync(_bytes);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
