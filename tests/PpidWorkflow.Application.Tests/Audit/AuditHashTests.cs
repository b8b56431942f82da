using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PpidWorkflow.Application.Audit;

namespace PpidWorkflow.Application.Tests.Audit;

/// <summary>The hash of a record is for ever: chains that earlier releases wrote must verify.</summary>
public sealed class AuditHashTests
{
    [Theory]
    [InlineData("system", "{}")]
    [InlineData("kasubid.informasi", """{"note":"a \"b\" <c> \u00e9 \\ + ' & \n"}""")]
    [InlineData("", "Jum’at 📄 \u2028 \u0007 \ud800 end")]
    public void It_is_the_sha256_of_all_fields_as_one_json_array(string actor, string data)
    {
        var at = new DateTimeOffset(2026, 11, 23, 15, 58, 0, 123, TimeSpan.FromHours(7));
        var text = JsonSerializer.Serialize(new object[] { AuditTrail.Genesis, "case:1", 7L, at.UtcTicks, actor, "task-completed", data });

        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
            AuditTrail.HashOf(AuditTrail.Genesis, "case:1", 7, at, actor, "task-completed", data));
    }

    [Fact]
    public void It_is_what_the_first_release_wrote()
    {
        var at = new DateTimeOffset(2026, 11, 23, 8, 58, 0, TimeSpan.Zero);

        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
                $$"""["{{new string('0', 64)}}","administration",1,{{at.UtcTicks}},"admin","calendar-changed","{\u0022year\u0022:2026}"]"""))),
            AuditTrail.HashOf(AuditTrail.Genesis, "administration", 1, at, "admin", "calendar-changed", """{"year":2026}"""));
    }
}
