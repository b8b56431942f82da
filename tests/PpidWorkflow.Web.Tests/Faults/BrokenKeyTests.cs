using System.Net;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>Keys after a power cut: an emptied file must not close the service to everybody.</summary>
public sealed class BrokenKeyTests
{
    [Theory]
    [InlineData("")]
    [InlineData("<key id=\"a1")]
    public async Task A_key_that_a_power_cut_emptied_is_passed_over_and_officers_sign_in(string left)
    {
        using var service = new TestService();
        var keys = Directory.CreateDirectory(Path.Combine(service.DataPath, "keys"));
        var broken = Path.Combine(keys.FullName, $"key-{Guid.NewGuid()}.xml");
        await File.WriteAllTextAsync(broken, left);

        using var answer = await service.AskTokenAsync("kepala.biro");
        using var page = await service.CreateClient().GetAsync("/sign-in");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        // Left where it is: somebody may have its content in a back-up.
        Assert.True(File.Exists(broken));
    }

    [Fact]
    public void A_key_is_read_back_as_it_was_stored_and_no_half_of_it_lies_about()
    {
        var folder = Directory.CreateTempSubdirectory("ppid-keys-");
        try
        {
            var files = new KeyFiles(folder, NullLogger.Instance);
            files.StoreElement(new XElement("key", new XAttribute("id", "1")), "key-1");
            files.StoreElement(new XElement("key", new XAttribute("id", "2")), "../elsewhere");

            Assert.Equal(["1", "2"], files.GetAllElements().Select(e => e.Attribute("id")!.Value).Order());
            Assert.All(folder.GetFiles(), f => Assert.Equal(".xml", f.Extension));
            Assert.Equal(2, folder.GetFiles().Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
