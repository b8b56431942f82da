using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Tests.Hosting;

/// <summary>Configuration is checked at the start (issue 5): every section has somebody who looks at it.</summary>
public sealed class SettingsTests(TestService service) : IClassFixture<TestService>
{
    [Fact]
    public void Every_class_of_settings_is_validated_unless_it_holds_switches_only()
    {
        var all = new[] { typeof(Settings).Assembly, typeof(OfficeOptions).Assembly, typeof(EngineOptions).Assembly }.SelectMany(a => a.GetExportedTypes())
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.Name.EndsWith("Options", StringComparison.Ordinal) && t.GetConstructor([]) is not null).ToList();
        // Part of another one, which looks at it.
        var parts = all.SelectMany(t => t.GetProperties()).Select(p => p.PropertyType).ToHashSet();
        var sections = all.Where(t => !parts.Contains(t)).ToList();

        Assert.True(sections.Count >= 12, string.Join(", ", sections.Select(t => t.Name)));
        foreach (var section in sections.Where(t => t.GetProperties().Any(p => p.CanWrite && p.PropertyType != typeof(bool))))
        {
            // AddOptions of the framework registers none of these by itself.
            var checks = service.Services.GetServices(typeof(IValidateOptions<>).MakeGenericType(section));
            Assert.True(checks.Any(), $"Nobody checks {section.Name}.");
        }
    }
}
